import { good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-iptables-util-chains',
  title: 'Kubelets keep the iptables chains that services need',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kubelet_make_iptables_util_chains: true.',
  evaluate: byVariable({
    set: 'kubelet_make_iptables_util_chains: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_make_iptables_util_chains', mustBe(true, 'disabled'), (where) =>
      good(`${where}: the kubelet defaults to true`),
    ),
    kubelet: { field: 'makeIPTablesUtilChains', flag: 'make-iptables-util-chains', judge: mustBe(true, 'disabled') },
  }),
});
