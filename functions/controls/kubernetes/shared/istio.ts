import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { commandsFix, kubectl, yamlFix } from './fix.ts';
import { type Encryption, namespacesOf, suchAs } from './mesh.ts';

type Collected<K extends keyof KubernetesEvidence> = Extract<KubernetesEvidence[K], { state: 'collected' }>['value'];
type Pod = Collected<'pods'>[number];
type Namespace = Collected<'namespaces'>[number];

/** What every question about Istio needs, or why it cannot be answered. */
export type IstioReading =
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly line: string }
  | {
      readonly state: 'read';
      /** Namespaces whose objects hold for the whole mesh. */
      readonly roots: ReadonlySet<string>;
      /** Namespaces to be judged: neither exempt nor Istio's own. */
      readonly namespaces: readonly Namespace[];
      readonly pods: readonly Pod[];
    };

/** The root namespace is the installation's own, where its mesh configuration names no other. Reference: istio.io, global mesh options. */
export function readIstio(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): IstioReading {
  const { peerAuthentications, istioMeshes, pods, namespaces } = evidence;
  if (peerAuthentications.state === 'collected' && !peerAuthentications.value.served) return { state: 'absent' };
  for (const part of [peerAuthentications, istioMeshes, pods, namespaces]) {
    if (part.state === 'unavailable') return { state: 'unknown', reason: part.reason, line: `Istio: ${part.message}` };
  }
  if (istioMeshes.state === 'unavailable' || pods.state === 'unavailable' || namespaces.state === 'unavailable')
    return { state: 'unknown', reason: 'undecidable', line: 'Istio could not be read' };
  const odd = istioMeshes.value.find(({ rootNamespace }) => rootNamespace.state === 'malformed');
  if (odd !== undefined)
    return {
      state: 'unknown',
      reason: 'malformed-answer',
      line: `Istio: the root namespace of ${odd.namespace} is not a text`,
    };
  const roots = istioMeshes.value.map(({ namespace, rootNamespace }) =>
    rootNamespace.state === 'given' ? rootNamespace.value : namespace,
  );
  if (new Set(roots).size > 1) {
    const line = `Istio: several installations (${[...new Set(roots)].join(', ')}): which of them a pod belongs to is not evaluated`;
    return { state: 'unknown', reason: 'undecidable', line };
  }
  const own = new Set([...roots, ...istioMeshes.value.map(({ namespace }) => namespace)]);
  const judged = namespaces.value.filter(({ name }) => !exempt.has(name) && !own.has(name));
  const names = new Set(judged.map(({ name }) => name));
  return {
    state: 'read',
    roots: new Set(roots),
    namespaces: judged,
    pods: pods.value.filter(({ namespace, hostNetwork }) => names.has(namespace) && !hostNetwork),
  };
}

/** A sidecar's injection sets `security.istio.io/tlsMode` on the pod. */
const SIDECAR = 'security.istio.io/tlsMode';
/** Puts a namespace or a pod into the ambient mesh, or a pod out of it. Reference: istio.io, ambient, add workloads. */
const AMBIENT = 'istio.io/dataplane-mode';

/** The pod's own label decides before its namespace's; `none` takes a pod out, but not its sidecar. */
export function isInIstio({ labels }: Pod, namespace: Namespace | undefined): boolean {
  if (labels[SIDECAR] === 'istio') return true;
  return (labels[AMBIENT] ?? namespace?.labels[AMBIENT]) === 'ambient';
}

/**
 * STRICT for the whole mesh or in every namespace, nothing narrower that softens it, and every pod in the mesh. Without any object the mode is
 * PERMISSIVE. Reference: istio.io, PeerAuthentication.
 */
export function istio(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): Encryption {
  const reading = readIstio(evidence, exempt);
  if (reading.state === 'absent') return { state: 'absent', line: 'Istio is not installed' };
  if (reading.state === 'unknown') return reading;
  const { peerAuthentications } = evidence;
  const items = peerAuthentications.state === 'collected' ? peerAuthentications.value.items : [];
  const loose = looseMode(items);
  if (loose !== undefined) return loose;
  const { roots, namespaces, pods } = reading;
  const strictIn = (namespace: string) =>
    items.some((item) => item.namespace === namespace && !item.selective && modeOf(item) === 'STRICT');
  const everywhere = [...roots].some(strictIn);
  const lax = everywhere ? [] : namespaces.filter(({ name }) => !strictIn(name));
  if (lax.length > 0 || (namespaces.length === 0 && !everywhere)) {
    return {
      state: 'open',
      line: `Istio: no PeerAuthentication with STRICT for ${lax.map(({ name }) => name).join(', ') || 'the mesh'}: the default is PERMISSIVE`,
      fix: yamlFix(strict([...roots][0] ?? 'istio-system', 'default')),
    };
  }
  const byName = new Map(namespaces.map((namespace) => [namespace.name, namespace]));
  const outside = pods.filter((pod) => !isInIstio(pod, byName.get(pod.namespace)));
  return outside.length === 0
    ? { state: 'encrypted', line: 'Istio: mutual TLS is STRICT, and every pod is in the mesh' }
    : {
        state: 'open',
        line: `Istio: STRICT, but not in the mesh are ${suchAs(outside)}`,
        fix: commandsFix(
          namespacesOf(outside).map((namespace) =>
            kubectl('', 'label', 'namespace', namespace, 'istio-injection=enabled --overwrite'),
          ),
        ),
      };
}

type PeerAuthentication = Collected<'peerAuthentications'>['items'][number];

function looseMode(items: readonly PeerAuthentication[]): Encryption | undefined {
  const softer = items.find(
    (item) =>
      ['PERMISSIVE', 'DISABLE'].includes(modeOf(item)) ||
      item.portModes.some((mode) => mode !== 'STRICT' && mode !== 'UNSET'),
  );
  if (softer !== undefined) {
    return {
      state: 'open',
      line: `Istio: PeerAuthentication ${softer.namespace}/${softer.name} accepts plain text`,
      fix: yamlFix(strict(softer.namespace, softer.name)),
    };
  }
  const odd = items.find((item) => !MODES.includes(modeOf(item)));
  if (odd === undefined) return undefined;
  const line = `Istio: PeerAuthentication ${odd.namespace}/${odd.name} has the mode ${modeOf(odd)}`;
  return { state: 'unknown', reason: 'unrecognised-value', line };
}

const MODES = ['STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET'];

function modeOf({ mode }: PeerAuthentication): string {
  return mode.state === 'given' ? mode.value : mode.state === 'absent' ? 'UNSET' : mode.raw;
}

function strict(namespace: string, name: string): string {
  return `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${JSON.stringify(name)}, namespace: ${JSON.stringify(namespace)} }
spec:
  mtls: { mode: STRICT }`;
}
