import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule, mustBe } from './shared/judgements.ts';

const judge = mustBe(false, 'enabled');

export default defineKubesprayControl({
  id: 'kubespray-profiling',
  title: 'Profiling is off on the control plane',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kube_profiling: false.',
  evaluate: byVariable({
    set: 'kube_profiling: false',
    hosts: 'kube_control_plane',
    judge: byValue('kube_profiling', judge),
    live: {
      components: ['kube-apiserver', 'kube-controller-manager'],
      flag: 'profiling',
      judge: flagRule(judge, 'profiling', (where) => bad('enabled', `${where}: upstream default true`)),
    },
  }),
});
