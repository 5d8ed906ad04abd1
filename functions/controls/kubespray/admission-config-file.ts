import { bad, good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-admission-config-file',
  title: 'Admission plugins read their configuration file',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'Set kube_apiserver_admission_control_config_file: true; without it event rate limits and pod security defaults have no effect.',
  evaluate: byVariable({
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
  }),
});
