import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { commandsFix, kubectl, mergePatch } from './fix.ts';

/** What one mechanism does for the traffic between workloads. */
export interface Encryption {
  readonly state: 'encrypted' | 'open' | 'absent' | 'unknown';
  readonly line: string;
  readonly reason?: UnknownReason;
  /** How to close what is open. */
  readonly fix?: Fix;
}

type Pods = Extract<KubernetesEvidence['pods'], { state: 'collected' }>['value'];

/** The namespaces of some pods, each once. */
export function namespacesOf(pods: readonly { readonly namespace: string }[]): readonly string[] {
  return [...new Set(pods.map(({ namespace }) => namespace))].sort();
}

/** `3 pods are ..., such as shop/web`, of pods that are outside of a mesh or open in it. */
export function suchAs(pods: Pods): string {
  const [first] = pods;
  const count = pods.length === 1 ? '1 pod' : `${pods.length} pods`;
  return `${count}, such as ${first?.namespace}/${first?.name}`;
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
