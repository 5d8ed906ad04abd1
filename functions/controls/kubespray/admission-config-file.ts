import { bad, good } from './assessment.ts';
import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-admission-config-file',
  title: 'Admission plugins read their configuration file',
  severity: 'MEDIUM',
  remediation:
    'Set kube_apiserver_admission_control_config_file: true; without it event rate limits and pod security defaults have no effect.',
  set: 'kube_apiserver_admission_control_config_file: true',
  hosts: 'kube_control_plane',
  judge: byValue('kube_apiserver_admission_control_config_file', mustBe(true, 'disabled')),
  live: {
    components: ['kube-apiserver'],
    flag: 'admission-control-config-file',
    judge: (value) =>
      value === undefined || value === ''
        ? bad('disabled', 'no --admission-control-config-file on the command line')
        : good(`--admission-control-config-file=${value}`),
  },
});
