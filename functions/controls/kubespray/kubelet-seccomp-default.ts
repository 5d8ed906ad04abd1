import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-seccomp-default',
  title: 'Pods run with the default seccomp profile',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kubelet_seccomp_default: true.',
  evaluate: byVariable({
    set: 'kubelet_seccomp_default: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_seccomp_default', mustBe(true, 'disabled'), (where) =>
      bad('disabled', `${where}: the kubelet defaults to false`),
    ),
    kubelet: { field: 'seccompDefault', flag: 'seccomp-default', judge: mustBe(true, 'disabled') },
  }),
});
