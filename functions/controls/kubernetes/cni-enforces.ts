import { fail, pass, unknown } from '#domain/verdict.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { enforcementOf } from './shared/network-plugin.ts';

export default defineKubernetesControl({
  id: 'kubernetes-cni-enforces',
  title: 'The network plugin enforces NetworkPolicies',
  severity: 'HIGH',
  dimension: 'in-cluster isolation',
  basis: 'Seed 002: use a CNI plugin with a policy framework',
  reference: 'kubernetes 1.1 NET-1',
  remediation:
    'Run a plugin that enforces NetworkPolicies (Calico, Cilium, VPC CNI with enableNetworkPolicy, Azure or OVN policies) and switch its enforcement on.',
  needs: [
    'list daemonsets.apps',
    'list deployments.apps',
    'get configmaps/cilium-config',
    'get configmaps/amazon-vpc-cni',
    'list nodeclasses.eks.amazonaws.com',
  ],
  evaluate({ evidence }) {
    const enforcement = enforcementOf(evidence);
    switch (enforcement.state) {
      case 'enforced':
        return pass(enforcement.message, enforcement.proof);
      case 'not-enforced':
        return fail(enforcement.defect, enforcement.message, enforcement.proof, { fix: enforcement.fix });
      case 'unknown':
        return unknown(enforcement.reason, enforcement.message, enforcement.proof);
    }
  },
});
