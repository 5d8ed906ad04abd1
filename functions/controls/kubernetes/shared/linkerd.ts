import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { commandsFix, kubectl } from './fix.ts';
import { type Encryption, namespacesOf, suchAs } from './mesh.ts';

type Collected<K extends keyof KubernetesEvidence> = Extract<KubernetesEvidence[K], { state: 'collected' }>['value'];
type Pod = Collected<'pods'>[number];
type Server = Collected<'linkerdServers'>['items'][number];

/** Label of a meshed pod, which holds the namespace of its control plane. */
const MESHED = 'linkerd.io/control-plane-ns';
/** Refuse who does not authenticate. Reference: linkerd.io, authorization policy. */
const AUTHENTICATED = ['all-authenticated', 'cluster-authenticated', 'deny'];
const OPEN = ['all-unauthenticated', 'cluster-unauthenticated', 'audit'];

export type LinkerdReading =
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly line: string }
  | {
      readonly state: 'read';
      readonly pods: readonly Pod[];
      readonly servers: readonly Server[];
      /** The policy of pods without an annotation, or undefined where the installation names none. */
      readonly fallback: string | undefined;
    };

/** The pods to be judged: neither exempt nor the control plane's own. */
export function readLinkerd(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): LinkerdReading {
  const { linkerd: installed, linkerdDefaultPolicy, linkerdServers, pods } = evidence;
  if (installed.state === 'collected' && !installed.value) return { state: 'absent' };
  for (const part of [installed, pods, linkerdDefaultPolicy, linkerdServers]) {
    if (part.state === 'unavailable')
      return { state: 'unknown', reason: part.reason, line: `Linkerd: ${part.message}` };
  }
  if (
    pods.state === 'unavailable' ||
    linkerdDefaultPolicy.state === 'unavailable' ||
    linkerdServers.state === 'unavailable'
  )
    return { state: 'unknown', reason: 'undecidable', line: 'Linkerd could not be read' };
  const own = new Set(['linkerd', ...pods.value.flatMap(({ labels }) => labels[MESHED] ?? [])]);
  const fallback = linkerdDefaultPolicy.value;
  if (fallback.state === 'malformed')
    return {
      state: 'unknown',
      reason: 'malformed-answer',
      line: `Linkerd: the default inbound policy is ${fallback.raw}`,
    };
  return {
    state: 'read',
    pods: pods.value.filter(
      ({ namespace, hostNetwork }) => !exempt.has(namespace) && !own.has(namespace) && !hostNetwork,
    ),
    servers: linkerdServers.value.items,
    fallback: fallback.state === 'given' ? fallback.value : undefined,
  };
}

export function isMeshed({ labels }: Pod): boolean {
  return labels[MESHED] !== undefined;
}

/**
 * The policy of the pod's proxy: the annotation that the injector left on the pod when it was created, else the installation's. The namespace's
 * annotation is copied then; what it says now changes nothing. Undefined: neither names one.
 */
export function inboundPolicy({ linkerdInboundPolicy: own }: Pod, fallback: string | undefined): string | undefined {
  return own.state === 'given' ? own.value : own.state === 'malformed' ? own.raw : fallback;
}

/** Servers that name a policy of their own for a port of the pod. A selector that is not evaluated may concern it too. */
export function serversOf(pod: Pod, servers: readonly Server[]): readonly Server[] {
  return servers.filter(
    ({ namespace, podLabels, otherwiseSelective, accessPolicy }) =>
      namespace === pod.namespace &&
      accessPolicy.state !== 'absent' &&
      (otherwiseSelective || Object.entries(podLabels).every(([key, value]) => pod.labels[key] === value)),
  );
}

/** Linkerd encrypts between meshed pods, and accepts plain text unless the pod's inbound policy refuses it. */
export function linkerd(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): Encryption {
  const reading = readLinkerd(evidence, exempt);
  if (reading.state === 'absent') return { state: 'absent', line: 'Linkerd is not installed' };
  if (reading.state === 'unknown') return reading;
  const { pods, servers, fallback } = reading;
  const meshed = pods.filter(isMeshed);
  const policyOf = (pod: Pod) => inboundPolicy(pod, fallback);
  const open = meshed.filter((pod) => OPEN.includes(policyOf(pod) ?? ''));
  if (open.length > 0) {
    return {
      state: 'open',
      line: `Linkerd: unauthenticated traffic is accepted by ${suchAs(open)}`,
      fix: restartWith(open, 'config.linkerd.io/default-inbound-policy=all-authenticated'),
    };
  }
  const loose = meshed.flatMap((pod) => serversOf(pod, servers)).find(({ accessPolicy }) => !isStrict(accessPolicy));
  if (loose !== undefined) {
    return {
      state: 'open',
      line: `Linkerd: Server ${loose.namespace}/${loose.name} (port ${loose.port}) accepts unauthenticated traffic`,
      fix: commandsFix([kubectl(loose.namespace, 'edit', 'servers.policy.linkerd.io', loose.name)]),
    };
  }
  const odd = meshed.find((pod) => !AUTHENTICATED.includes(policyOf(pod) ?? ''));
  if (odd !== undefined) {
    const policy = policyOf(odd);
    return policy === undefined
      ? {
          state: 'unknown',
          reason: 'absent-field',
          line: `Linkerd: neither ${odd.namespace}/${odd.name} nor the installation names an inbound policy`,
        }
      : {
          state: 'unknown',
          reason: 'unrecognised-value',
          line: `Linkerd: ${odd.namespace}/${odd.name} has the inbound policy ${policy}`,
        };
  }
  const outside = pods.filter((pod) => !isMeshed(pod));
  return outside.length === 0
    ? { state: 'encrypted', line: 'Linkerd: every pod is meshed and accepts authenticated traffic only' }
    : {
        state: 'open',
        line: `Linkerd: not meshed are ${suchAs(outside)}`,
        fix: restartWith(outside, 'linkerd.io/inject=enabled'),
      };
}

function isStrict(policy: Server['accessPolicy']): boolean {
  return policy.state === 'given' && AUTHENTICATED.includes(policy.value);
}

/** The injector acts when a pod is created. */
function restartWith(pods: readonly Pod[], annotation: string) {
  return {
    checkFirst: [
      'Pods take the annotation over when they are created: restart the workloads of these namespaces afterwards.',
    ],
    ...commandsFix(
      namespacesOf(pods).map((name) => kubectl('', 'annotate', 'namespace', name, `${annotation} --overwrite`)),
    ),
  };
}
