import { bad, good, undecided } from './assessment.ts';
import { byValue } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const ACCEPTED = ['aescbc', 'secretbox', 'kms'];

export default variableControl({
  id: 'kubespray-encryption-algorithm',
  title: 'The provider that encrypts Secrets, where they are, is one of the CIS list',
  severity: 'MEDIUM',
  remediation: 'Set kube_encryption_algorithm: secretbox.',
  set: 'kube_encryption_algorithm: secretbox',
  hosts: 'kube_control_plane',
  judge: byValue('kube_encryption_algorithm', (value, where) => {
    if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is no name`);
    return ACCEPTED.includes(value) ? good(where) : bad('not-accepted', where);
  }),
});
