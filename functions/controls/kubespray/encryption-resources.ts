import { bad, good, undecided } from './assessment.ts';
import { asList, byValue } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-encryption-resources',
  title: 'The encrypted resources, where encryption is on, include Secrets',
  severity: 'MEDIUM',
  remediation: 'Set kube_encryption_resources: [secrets].',
  set: 'kube_encryption_resources: [secrets]',
  hosts: 'kube_control_plane',
  judge: byValue('kube_encryption_resources', (value, where) => {
    const resources = asList(value);
    if (resources === undefined) return undecided('unrecognised-value', `${where} is no list`);
    return resources.includes('secrets') ? good(where) : bad('missing', where);
  }),
});
