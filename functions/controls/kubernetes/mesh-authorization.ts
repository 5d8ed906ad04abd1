import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, kubectl, yamlFix } from './shared/fix.ts';
import { isInIstio, readIstio } from './shared/istio.ts';
import { inboundPolicy, isMeshed, readLinkerd, serversOf } from './shared/linkerd.ts';
import { EXEMPT_NAMESPACES, shortList } from './shared/scope.ts';

type Authorization = Extract<
  KubernetesEvidence['istioAuthorizations'],
  { state: 'collected' }
>['value']['items'][number];

export default defineKubernetesControl({
  id: 'kubernetes-mesh-authorization',
  title: 'In a mesh, every namespace denies requests by default',
  severity: 'MEDIUM',
  basis: 'Seed 002: use a service mesh for encryption and authentication',
  reference: 'istio.io, authorization policy, implicit enablement; linkerd.io, authorization policy',
  remediation:
    'Istio: an AuthorizationPolicy without selector and rules in each namespace or in the root namespace. Linkerd: the inbound policy deny.',
  needs: [
    'list namespaces',
    'list pods',
    'list authorizationpolicies.security.istio.io',
    'get configmaps/istio',
    'list servers.policy.linkerd.io',
    'get configmaps/linkerd-config',
  ],
  parameters: {
    exemptNamespaces: { describe: 'Namespaces that are not judged.', default: EXEMPT_NAMESPACES },
  },
  evaluate({ evidence, parameters }) {
    const exempt = new Set(parameters.exemptNamespaces);
    const verdicts = [istioVerdict(evidence, exempt), linkerdVerdict(evidence, exempt)];
    for (const status of ['FAIL', 'UNKNOWN', 'PASS'] as const) {
      const found = verdicts.find((verdict) => verdict?.status === status);
      if (found !== undefined) return found;
    }
    return notApplicable('no-mesh', 'no pod is in a mesh of Istio or Linkerd');
  },
});

/**
 * As soon as one ALLOW policy concerns a workload, what none of them matches is denied; a DENY policy that matches everything denies it
 * first. A policy with a selector or target references denies for some workloads only. Reference: istio.io, AuthorizationPolicy.
 */
function istioVerdict(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): Verdict | undefined {
  const reading = readIstio(evidence, exempt);
  if (reading.state === 'absent') return undefined;
  if (reading.state === 'unknown') return unknown(reading.reason, reading.line);
  const namespaces = new Map(reading.namespaces.map((namespace) => [namespace.name, namespace]));
  const inMesh = reading.pods.filter((pod) => isInIstio(pod, namespaces.get(pod.namespace)));
  const names = [...new Set(inMesh.map(({ namespace }) => namespace))].sort();
  if (names.length === 0) return undefined;
  const { istioAuthorizations: part } = evidence;
  if (part.state === 'unavailable') return unknown(part.reason, `Istio: ${part.message}`);
  const odd = part.value.items.find(({ action }) => !ACTIONS.includes(textOf(action)));
  if (odd !== undefined)
    return unknown(
      'unrecognised-value',
      `Istio: AuthorizationPolicy ${odd.namespace}/${odd.name} has the action ${textOf(odd.action)}`,
    );
  const judged = names.map((name) => {
    const policies = part.value.items.filter(
      ({ namespace, selective }) => !selective && (namespace === name || reading.roots.has(namespace)),
    );
    return { name, ...deniedBy(policies) };
  });
  const proof = judged.map(
    ({ name, line }): Proof => ({ kind: 'derived', line: `${name}: ${line}`, source: part.source }),
  );
  const open = judged.filter(({ denies }) => !denies);
  if (open.length === 0)
    return pass(`Istio: all ${names.length} namespaces in the mesh deny requests by default`, proof);
  return fail(
    'no-default-deny',
    `Istio: ${open.length} of ${names.length} namespaces in the mesh do not deny requests by default: ${shortList(open.map(({ name, line }) => `${name} (${line})`))}`,
    proof,
    {
      fix: {
        checkFirst: [
          'Requests that no other policy allows are refused afterwards: allow what the workloads need first.',
        ],
        ...yamlFix(open.map(({ name }) => denyAll(name)).join('\n---\n')),
      },
    },
  );
}

const ACTIONS = ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'];

/** Left out, the action is ALLOW. Reference: istio.io, AuthorizationPolicy, action. */
function textOf(action: Authorization['action']): string {
  return action.state === 'given' ? action.value : action.state === 'absent' ? 'ALLOW' : action.raw;
}

function deniedBy(policies: readonly Authorization[]): { readonly denies: boolean; readonly line: string } {
  const nameOf = ({ namespace, name }: Authorization) => `AuthorizationPolicy ${namespace}/${name}`;
  const wall = policies.find((policy) => textOf(policy.action) === 'DENY' && policy.matchesEverything);
  if (wall !== undefined) return { denies: true, line: `${nameOf(wall)} denies everything` };
  const allowing = policies.filter((policy) => textOf(policy.action) === 'ALLOW');
  const defeated = allowing.find(({ matchesEverything }) => matchesEverything);
  if (defeated !== undefined) return { denies: false, line: `${nameOf(defeated)} allows everything` };
  const [first] = allowing;
  return first === undefined
    ? { denies: false, line: 'no AuthorizationPolicy is for the whole namespace' }
    : { denies: true, line: `${nameOf(first)} denies what no rule allows` };
}

function denyAll(namespace: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-by-default, namespace: ${JSON.stringify(namespace)} }
spec: {}`;
}

/** Only `deny` lets nothing in by default; the others admit every client of the mesh or of the cluster. */
function linkerdVerdict(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): Verdict | undefined {
  const reading = readLinkerd(evidence, exempt);
  if (reading.state === 'absent') return undefined;
  if (reading.state === 'unknown') return unknown(reading.reason, reading.line);
  const meshed = reading.pods.filter(isMeshed);
  if (meshed.length === 0) return undefined;
  const policies = meshed.map((pod) => ({ pod, policy: inboundPolicy(pod, reading.fallback) }));
  const silent = policies.find(({ policy }) => policy === undefined);
  if (silent !== undefined) {
    const { namespace, name } = silent.pod;
    return unknown(
      'absent-field',
      `Linkerd: neither ${namespace}/${name} nor the installation names an inbound policy`,
    );
  }
  const open = policies.filter(({ policy }) => policy !== 'deny');
  const loose = meshed
    .flatMap((pod) => serversOf(pod, reading.servers))
    .filter(({ accessPolicy }) => !(accessPolicy.state === 'given' && accessPolicy.value === 'deny'));
  const names = [...new Set(open.map(({ pod }) => pod.namespace))].sort();
  const proof = [
    ...open.map(
      ({ pod, policy }): Proof => ({
        kind: 'fact',
        line: `${pod.namespace}/${pod.name}: inbound policy ${policy}`,
        field: 'config.linkerd.io/default-inbound-policy',
        value: policy ?? '',
      }),
    ),
    ...loose.map(
      ({ namespace, name, port }): Proof => ({
        kind: 'fact',
        line: `Server ${namespace}/${name}: port ${port} has a policy that admits clients`,
      }),
    ),
  ];
  if (open.length + loose.length === 0)
    return pass(`Linkerd: all ${meshed.length} meshed pods deny requests by default`, [
      { kind: 'fact', line: `${meshed.length} meshed pods have the inbound policy deny` },
    ]);
  return fail(
    'no-default-deny',
    open.length > 0
      ? `Linkerd: pods of ${shortList(names)} admit requests by default`
      : `Linkerd: a Server admits requests by default: ${shortList(loose.map(({ namespace, name }) => `${namespace}/${name}`))}`,
    proof,
    {
      fix: {
        checkFirst: [
          'Requests that no AuthorizationPolicy allows are refused afterwards: allow what the workloads need first. Pods take the annotation over when they are created.',
        ],
        ...commandsFix(
          names.map((name) =>
            kubectl('', 'annotate', 'namespace', name, 'config.linkerd.io/default-inbound-policy=deny --overwrite'),
          ),
        ),
      },
    },
  );
}
