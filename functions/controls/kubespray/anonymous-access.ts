import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-anonymous-access',
  title: 'The public cluster-info is not readable anonymously',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set remove_anonymous_access: true.',
  evaluate: byVariable({
    set: 'remove_anonymous_access: true',
    hosts: 'kube_control_plane',
    judge: byValue('remove_anonymous_access', mustBe(true, 'anonymous')),
  }),
});
