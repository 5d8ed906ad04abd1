import type { AddressRange } from '#domain/net/cidr.ts';
import type { PortSet, Protocol } from './ports.ts';
import type { Labels } from './selector.ts';

/** A container port that a pod declares. */
export interface ContainerPort {
  /** Empty where the port has no name. */
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** What owns a pod: `namespace/name[Kind]` in every output. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** A pod, or a workload's pod template standing for all its replicas. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  readonly serviceAccount: string;
  readonly workload: Workload;
}

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

/** Where a policy stands. `file` is empty for one that a cluster served. */
export interface PolicyRef {
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
}

/** `NetworkPolicy shop/deny-all`, `CiliumClusterwideNetworkPolicy baseline`. */
export function policyName({ kind, namespace, name }: Omit<PolicyRef, 'file'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** A policy that the API server would refuse, or that cannot be evaluated. */
export interface PolicyError {
  readonly file: string;
  /** `NetworkPolicy shop/deny-all`; empty where the document could not even be read. */
  readonly resource: string;
  /** Path inside the document: `spec.ingress[0].from[0].ipBlock.cidr`. */
  readonly field: string;
  readonly message: string;
  /** invalid: the API server refuses it, so it has no effect. undecidable: it has an effect that is not evaluated here. */
  readonly kind: 'invalid' | 'undecidable';
}

/** Something that a reader of the picture has to know: an assumption that was made, or a field in a place where it has no effect. */
export type PolicyNote = Omit<PolicyError, 'kind'>;

/** What both sides of a rule are told about a pod. */
export interface PodView {
  readonly namespace: Namespace;
  readonly labels: Labels;
  readonly serviceAccount: string;
}

export type Peer =
  /** Any pod, any host-network pod, any address. */
  | { readonly kind: 'anyone' }
  /** The cluster's nodes and the pods on their network. */
  | { readonly kind: 'hosts' }
  | {
      readonly kind: 'pods';
      /** Every pod of every namespace. */
      readonly every: boolean;
      /** The only namespace in which the peer can match, where there is one. */
      readonly namespace?: string;
      readonly matches: (pod: PodView) => boolean;
      /** The selector in words, for outputs. */
      readonly words: string;
    }
  /** Every address outside the cluster, of whatever family. */
  | { readonly kind: 'outside' }
  | AddressPeer;

export interface AddressPeer {
  readonly kind: 'addresses';
  readonly ranges: readonly AddressRange[];
  readonly text: string;
  /** Whether pods count as standing at one of the addresses: plugins differ, and the addresses of pods are known only where they are given. */
  readonly includesPods: boolean;
  /** The same for nodes, and so for pods on their network. */
  readonly includesHosts: boolean;
}

export type PodsPeer = Peer & { readonly kind: 'pods' };

export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}

/** Numbers as they stand, names to be looked up on the destination pod. */
export interface PortMatch {
  readonly numbers: PortSet;
  readonly names: readonly NamedPort[];
}

export interface Rule {
  readonly action: 'accept' | 'deny' | 'pass';
  readonly peers: readonly Peer[];
  readonly ports: PortMatch;
  readonly policy: PolicyRef;
  /** Path of the rule in its policy: `spec.ingress[0]`. */
  readonly field: string;
}

export interface DirectionRules {
  /** What no rule of the tier accepts is dropped for the pods that the policy selects. */
  readonly isolates: boolean;
  readonly rules: readonly Rule[];
}

export type Direction = 'ingress' | 'egress';

/** One policy of any kind, ready to be evaluated. */
export interface CompiledPolicy {
  readonly ref: PolicyRef;
  /** Tiers are passed from the lowest rank to the highest; within one, policies by `order`, then name. */
  readonly tier: number;
  readonly order: number;
  /** Whether it selects every pod that the namespace has or will have. */
  readonly covers: (namespace: Namespace) => boolean;
  /** The only namespace in which it selects; absent for cluster-wide kinds. */
  readonly namespace?: string;
  readonly selects: (pod: PodView) => boolean;
  /** Absent: the policy says nothing about the direction. */
  readonly ingress?: DirectionRules;
  readonly egress?: DirectionRules;
}

/**
 * Ranks of the tiers. Cilium's deny rules beat every allow; the Admin tier of the policy API precedes NetworkPolicies, Baseline follows.
 * Calico's tiers carry their own `order`, the one called default 1,000,000.
 */
export const TIERS = { ciliumDeny: -2e9, admin: -1e9, default: 1e6, calicoUnordered: 5e8, baseline: 1e9 } as const;

/** Calico evaluates a Kubernetes NetworkPolicy as one of its own at this place of the default tier. */
export const NETWORK_POLICY_ORDER = 1000;

/** The result of compiling one document. */
export interface Compilation {
  readonly policies: readonly CompiledPolicy[];
  readonly errors: readonly PolicyError[];
  readonly notes?: readonly PolicyNote[];
}
