import { byValue } from './judgements.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

const ACCEPTED = ['aescbc', 'secretbox', 'kms'];

export default variableControl({
  id: 'kubespray-encryption-algorithm',
  title: 'Secrets are encrypted with a provider of the CIS list',
  severity: 'MEDIUM',
  remediation: 'Set kube_encryption_algorithm: secretbox.',
  hosts: 'kube_control_plane',
  judge: byValue('kube_encryption_algorithm', (value, where) => {
    if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is no name`);
    return ACCEPTED.includes(value) ? good(where) : bad('not-accepted', where);
  }),
});
