import { good } from './assessment.ts';
import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-iptables-util-chains',
  title: 'Kubelets keep the iptables chains that services need',
  severity: 'LOW',
  remediation: 'Set kubelet_make_iptables_util_chains: true.',
  set: 'kubelet_make_iptables_util_chains: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_make_iptables_util_chains', mustBe(true, 'disabled'), (where) =>
    good(`${where}: the kubelet defaults to true`),
  ),
  kubelet: { field: 'makeIPTablesUtilChains', flag: 'make-iptables-util-chains', judge: mustBe(true, 'disabled') },
});
