import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { atLeast, byValue, flagRule } from './shared/judgements.ts';

const judge = atLeast(1, 'disabled');

export default defineKubesprayControl({
  id: 'kubespray-terminated-pod-gc',
  title: 'Terminated pods are collected',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kube_controller_terminated_pod_gc_threshold: 50.',
  evaluate: byVariable({
    set: 'kube_controller_terminated_pod_gc_threshold: 50',
    hosts: 'kube_control_plane',
    judge: byValue('kube_controller_terminated_pod_gc_threshold', judge),
    live: {
      components: ['kube-controller-manager'],
      flag: 'terminated-pod-gc-threshold',
      judge: flagRule(judge, 'terminated-pod-gc-threshold', (where) => bad('missing', where)),
    },
  }),
});
