import { describe, expect, test } from 'vitest';
import { address, denyAll, pod, policy, read, service, verdictOf } from './evidence.ts';

const policies = (...specs: unknown[]) => ({
  networkPolicies: read(specs.map((spec, index) => policy(`shop/p${index}`, spec))),
});
const web = { matchLabels: { app: 'web' } };

/** Where other scanners are known to be wrong: each case once led one of them to a false verdict. */
describe('regression cases of other tools', () => {
  test.each([
    [
      'kubescape: any policy in the namespace is enough',
      'kubernetes-default-deny-ingress',
      policies({ podSelector: web, policyTypes: ['Ingress'] }),
      'FAIL',
    ],
    [
      'kubescape: an allow-all policy is enough',
      'kubernetes-default-deny-ingress',
      policies({ podSelector: {}, ingress: [{}] }),
      'FAIL',
    ],
    [
      'kubescape: one direction suffices',
      'kubernetes-default-deny-egress',
      policies({ podSelector: {}, policyTypes: ['Ingress'] }),
      'FAIL',
    ],
    [
      'kubescape: a selector of expressions matches nothing',
      'kubernetes-pods-isolated',
      policies({
        podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
        policyTypes: ['Ingress', 'Egress'],
      }),
      'PASS',
    ],
    [
      'kubescape: Cilium policies are ignored',
      'kubernetes-default-deny-ingress',
      {
        networkPolicies: read([]),
        ciliumPolicies: read({
          served: true,
          items: [
            policy(
              'shop/deny',
              { endpointSelector: {}, ingress: [{}], egress: [{}] },
              'CiliumNetworkPolicy',
              'cilium.io/v2',
            ),
          ],
        }),
      },
      'PASS',
    ],
    [
      'kubescape: an internal load balancer is an exposure',
      'kubernetes-services-internal',
      { services: read([service('lb', 'LoadBalancer', { addresses: [address('10.0.0.1')] })]) },
      'PASS',
    ],
    ['trivy: a cluster without any policy yields nothing', 'kubernetes-default-deny-ingress', policies(), 'FAIL'],
    ['polaris: a default deny fails', 'kubernetes-pods-isolated', policies(denyAll), 'PASS'],
    [
      'kube-score, certsuite: an empty podSelector selects nothing',
      'kubernetes-pods-isolated',
      policies({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
      'PASS',
    ],
    [
      'popeye: an empty namespaceSelector matches nothing',
      'kubernetes-unrestricted-policy',
      policies({ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }),
      'FAIL',
    ],
    [
      'kube-bench: an authorization config file fails',
      'kubernetes-rbac',
      {
        staticPods: read([{ name: 'a', component: 'kube-apiserver' as const, command: ['--authorization-config=/f'] }]),
      },
      'UNKNOWN',
    ],
    [
      'a pod without labels is selected by the universal selector',
      'kubernetes-pods-isolated',
      { pods: read([pod('shop', 'plain', {})]) },
      'PASS',
    ],
  ] as const)('%s', (_case, id, change, status) => {
    expect(verdictOf(id, change).status).toBe(status);
  });
});
