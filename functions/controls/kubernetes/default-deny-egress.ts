import { judgeDefaultDeny } from './shared/default-deny.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { exemptNamespacesParameter, POLICY_NEEDS } from './shared/scope.ts';

export default defineKubernetesControl({
  id: 'kubernetes-default-deny-egress',
  title: 'Every namespace denies egress by default',
  severity: 'MEDIUM',
  basis: 'Seed 002: isolate internal traffic with NetworkPolicies',
  reference: 'kubernetes 5.4 NET-3',
  remediation:
    'Add to each namespace named a NetworkPolicy with podSelector {} and policyTypes [Egress], and allow what is needed beside it.',
  needs: POLICY_NEEDS,
  parameters: exemptNamespacesParameter,
  evaluate: (subject) => judgeDefaultDeny('egress', subject),
});
