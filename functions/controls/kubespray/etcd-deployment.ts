import { good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-etcd-deployment',
  title: 'etcd runs as a host service or under kubeadm',
  severity: 'INFORMATIONAL',
  ...HARDENING,
  remediation: 'Set etcd_deployment_type to host or kubeadm.',
  evaluate: byVariable({
    set: 'etcd_deployment_type: host',
    hosts: 'etcd',
    judge: byValue('etcd_deployment_type', (value, where) =>
      value === 'host' || value === 'kubeadm' ? good(where) : undecided('unrecognised-value', where),
    ),
  }),
});
