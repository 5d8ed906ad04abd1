import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { commandsFix, kubectl, mergePatch, yamlFix } from './fix.ts';

/** What one mechanism does for the traffic between workloads. */
export interface Encryption {
  readonly state: 'encrypted' | 'open' | 'absent' | 'unknown';
  readonly line: string;
  readonly reason?: UnknownReason;
  /** How to close what is open. */
  readonly fix?: Fix;
}

/**
 * Istio: STRICT for the whole mesh or in every namespace, nothing narrower that softens it, and every pod in the mesh. Without any
 * object the mode is PERMISSIVE. Reference: istio.io, PeerAuthentication.
 */
export function istio(evidence: KubernetesEvidence, exempt: ReadonlySet<string>): Encryption {
  const { peerAuthentications, pods, namespaces } = evidence;
  if (peerAuthentications.state === 'collected' && !peerAuthentications.value.served) {
    return { state: 'absent', line: 'Istio is not installed' };
  }
  for (const part of [peerAuthentications, pods, namespaces]) {
    if (part.state === 'unavailable') return { state: 'unknown', reason: part.reason, line: `Istio: ${part.message}` };
  }
  if (
    peerAuthentications.state === 'unavailable' ||
    namespaces.state === 'unavailable' ||
    pods.state === 'unavailable'
  ) {
    return { state: 'unknown', reason: 'undecidable', line: 'Istio could not be read' };
  }
  const { items } = peerAuthentications.value;
  const modeOf = ({ mode }: (typeof items)[number]) =>
    mode.state === 'given' ? mode.value : mode.state === 'absent' ? 'UNSET' : mode.raw;
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
  if (odd !== undefined) {
    const line = `Istio: PeerAuthentication ${odd.namespace}/${odd.name} has the mode ${modeOf(odd)}`;
    return { state: 'unknown', reason: 'unrecognised-value', line };
  }
  const strictIn = (namespace: string) =>
    items.some((item) => item.namespace === namespace && !item.selective && modeOf(item) === 'STRICT');
  const judged = namespaces.value.filter(({ name }) => !exempt.has(name) && name !== ROOT_NAMESPACE);
  const lax = strictIn(ROOT_NAMESPACE) ? [] : judged.filter(({ name }) => !strictIn(name));
  if (lax.length > 0 || (judged.length === 0 && !strictIn(ROOT_NAMESPACE))) {
    return {
      state: 'open',
      line: `Istio: no PeerAuthentication with STRICT for ${lax.map(({ name }) => name).join(', ') || 'the mesh'}: the default is PERMISSIVE`,
      fix: yamlFix(strict(ROOT_NAMESPACE, 'default')),
    };
  }
  const ambient = new Set(judged.filter(({ labels }) => labels[AMBIENT] === 'ambient').map(({ name }) => name));
  const outside = pods.value.filter(
    ({ namespace, labels, hostNetwork }) =>
      judged.some(({ name }) => name === namespace) &&
      !hostNetwork &&
      labels['security.istio.io/tlsMode'] !== 'istio' &&
      labels[AMBIENT] !== 'ambient' &&
      !ambient.has(namespace),
  );
  const [first] = outside;
  return first === undefined
    ? { state: 'encrypted', line: 'Istio: mutual TLS is STRICT, and every pod is in the mesh' }
    : {
        state: 'open',
        line: `Istio: STRICT, but ${outside.length} pods are not in the mesh, such as ${first.namespace}/${first.name}`,
        fix: commandsFix(
          namespacesOf(outside).map((namespace) =>
            kubectl('', 'label', 'namespace', namespace, 'istio-injection=enabled --overwrite'),
          ),
        ),
      };
}

function strict(namespace: string, name: string): string {
  return `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${JSON.stringify(name)}, namespace: ${JSON.stringify(namespace)} }
spec:
  mtls: { mode: STRICT }`;
}

function namespacesOf(pods: readonly { readonly namespace: string }[]): readonly string[] {
  return [...new Set(pods.map(({ namespace }) => namespace))].sort();
}

const MODES = ['STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET'];
/** Puts a namespace or a pod into the ambient mesh; a sidecar's injection sets `security.istio.io/tlsMode` on the pod. */
const AMBIENT = 'istio.io/dataplane-mode';
const ROOT_NAMESPACE = 'istio-system';
const LINKERD_POLICY = 'config.linkerd.io/default-inbound-policy';
const AUTHENTICATED = ['all-authenticated', 'cluster-authenticated'];

/** Linkerd encrypts between meshed pods, and accepts plain text unless its default inbound policy refuses it. Its injector labels a meshed pod. */
export function linkerd(
  { linkerd: installed, namespaces, pods }: KubernetesEvidence,
  exempt: ReadonlySet<string>,
): Encryption {
  if (installed.state === 'unavailable')
    return { state: 'unknown', reason: installed.reason, line: `Linkerd: ${installed.message}` };
  if (!installed.value) return { state: 'absent', line: 'Linkerd is not installed' };
  if (namespaces.state === 'unavailable')
    return { state: 'unknown', reason: namespaces.reason, line: `Linkerd: ${namespaces.message}` };
  const open = namespaces.value.filter(
    ({ name, linkerdInboundPolicy: policy }) =>
      !exempt.has(name) && !(policy.state === 'given' && AUTHENTICATED.includes(policy.value)),
  );
  if (open.length > 0) {
    return {
      state: 'open',
      line: `Linkerd: ${open.map(({ name }) => name).join(', ')} accept unauthenticated traffic`,
      fix: commandsFix(
        open.map(({ name }) =>
          kubectl('', 'annotate', 'namespace', name, `${LINKERD_POLICY}=all-authenticated --overwrite`),
        ),
      ),
    };
  }
  if (pods.state === 'unavailable') return { state: 'unknown', reason: pods.reason, line: `Linkerd: ${pods.message}` };
  const outside = pods.value.filter(
    ({ namespace, labels, hostNetwork }) =>
      !exempt.has(namespace) && !hostNetwork && labels['linkerd.io/control-plane-ns'] === undefined,
  );
  const [first] = outside;
  return first === undefined
    ? { state: 'encrypted', line: 'Linkerd: every pod is meshed and accepts authenticated traffic only' }
    : {
        state: 'open',
        line: `Linkerd: ${outside.length} pods are not meshed, such as ${first.namespace}/${first.name}`,
        fix: commandsFix(
          namespacesOf(outside).map((namespace) =>
            kubectl('', 'annotate', 'namespace', namespace, 'linkerd.io/inject=enabled --overwrite'),
          ),
        ),
      };
}

export function ciliumEncryption({ ciliumConfig }: KubernetesEvidence): Encryption {
  if (ciliumConfig.state === 'unavailable')
    return { state: 'unknown', reason: ciliumConfig.reason, line: `Cilium: ${ciliumConfig.message}` };
  if (!ciliumConfig.value.present) return { state: 'absent', line: 'Cilium is not installed' };
  const on = ['enable-wireguard', 'enable-ipsec'].find((key) => ciliumConfig.value.data[key] === 'true');
  return on === undefined
    ? { state: 'absent', line: 'Cilium: neither enable-wireguard nor enable-ipsec' }
    : { state: 'encrypted', line: `Cilium: ${on}: true` };
}

export function calicoEncryption({ felixConfigurations }: KubernetesEvidence): Encryption {
  if (felixConfigurations.state === 'unavailable') {
    return { state: 'unknown', reason: felixConfigurations.reason, line: `Calico: ${felixConfigurations.message}` };
  }
  const { items } = felixConfigurations.value;
  const says = (name: string, value: boolean) => (item: (typeof items)[number]) =>
    item.name.startsWith(name) && item.wireguardEnabled.state === 'given' && item.wireguardEnabled.value === value;
  const on = items.some(says('default', true));
  // `node.<name>` overrides the default for one node.
  const off = items.find(says('node.', false));
  if (on && off !== undefined) {
    return {
      state: 'open',
      line: `Calico: WireGuard is on by default, and off in FelixConfiguration ${off.name}`,
      fix: commandsFix([
        kubectl('', 'patch', 'felixconfiguration', off.name, mergePatch({ spec: { wireguardEnabled: true } })),
      ]),
    };
  }
  return on
    ? { state: 'encrypted', line: 'Calico: FelixConfiguration default wireguardEnabled: true' }
    : { state: 'absent', line: 'Calico: WireGuard is not on' };
}

export function encryptionProof(mechanisms: readonly Encryption[]): readonly Proof[] {
  const rank = { encrypted: 0, open: 1, unknown: 2, absent: 3 } as const;
  return mechanisms.toSorted((a, b) => rank[a.state] - rank[b.state]).map(({ line }) => ({ kind: 'fact', line }));
}
