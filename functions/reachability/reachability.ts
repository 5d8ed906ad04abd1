import type { Family } from '#domain/net/cidr.ts';
import { classify, type PodClass } from './classes.ts';
import type {
  CompiledPolicy,
  ContainerPort,
  Direction,
  Namespace,
  Peer,
  Pod,
  PodsPeer,
  PolicyRef,
  PortMatch,
  Rule,
} from './model.ts';
import { FAMILIES, familiesNamed, type OutsideRange, outsideRanges } from './outside.ts';
import { PortSets } from './port-sets.ts';
import { isNone, NO_PORTS, type PortSet, ports, union } from './ports.ts';
import { evaluateTiers, type RuleTier, tiersOf } from './tiers.ts';

/** What the policies leave open for one class of pods in one direction. */
export interface DirectionProfile {
  /** Some policy drops what no rule accepts. */
  readonly isolated: boolean;
  readonly policies: readonly CompiledPolicy[];
  readonly tiers: readonly RuleTier[];
  /** Open for every pod that no rule singles out, so also for pods that do not exist yet. */
  readonly anyPod: PortSet;
  /** Open for pods on the host network: selectors do not match them. */
  readonly hostPods: PortSet;
  /** Addresses outside the cluster, of the families that the rules name or of those asked for. */
  readonly outside: (families?: readonly Family[]) => readonly OutsideRange[];
  /** Classes that rules single out, with what is open for them. */
  readonly named: () => ReadonlyMap<number, PortSet>;
  /** Open for a pod, of later times, that this peer of selectors matches and no other does. */
  readonly openToLater: (peer: PodsPeer) => PortSet;
}

export interface Reachability {
  readonly classes: readonly PodClass[];
  /** The address families of the cluster, as far as it shows: IPv6 where any policy that selects a pod names it, or the input says so. */
  readonly families: () => readonly Family[];
  readonly profile: (pod: PodClass, direction: Direction) => DirectionProfile;
  /** The classes that a peer of selectors matches. */
  readonly matching: (peer: Peer) => readonly PodClass[];
  /** Ports on which `from` may open a connection to another pod of class `to`. A pod can always reach itself. */
  readonly between: (from: PodClass, to: PodClass) => PortSet;
  /** The policies that decide about `from` → `to`: those that isolate either side, and those that have an accepting rule. */
  readonly because: (from: PodClass, to: PodClass) => Because;
}

interface Because {
  readonly egress: { readonly isolatedBy: readonly PolicyRef[]; readonly allowedBy: readonly PolicyRef[] };
  readonly ingress: { readonly isolatedBy: readonly PolicyRef[]; readonly allowedBy: readonly PolicyRef[] };
}

export interface ReachabilityInput {
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly CompiledPolicy[];
  /** The network is known to carry IPv6, whatever the policies name. */
  readonly isDualStack?: boolean;
}

/**
 * Who may talk to whom, and which policy says so. Pure; everything is computed on demand and once per class of pods.
 * A connection needs the source's egress and the destination's ingress.
 */
export function reachability({ pods, namespaces, policies, isDualStack }: ReachabilityInput): Reachability {
  const classes = classify(pods, namespaces);
  const index = new PolicyIndex(policies);
  const lookup = new PeerLookup(classes);
  const portSets = new PortSets();
  const profiles = new Map<string, DirectionProfile>();
  const perClass = { ingress: new Map<number, DirectionProfile>(), egress: new Map<number, DirectionProfile>() };

  const profile = (pod: PodClass, direction: Direction): DirectionProfile => {
    const known = perClass[direction].get(pod.id);
    if (known !== undefined) return known;
    const selecting = index.selecting(pod, direction);
    const named = direction === 'ingress' && selecting.some((entry) => hasNamedPorts(entry.policy, direction));
    // Classes that the same policies select see the same rules; only a named port looks at the destination itself.
    const key = `${direction} ${selecting.map(({ id }) => id).join()}${named ? ` ${JSON.stringify(pod.ports)}` : ''}`;
    const shared =
      profiles.get(key) ??
      profileOf(
        selecting.map(({ policy }) => policy),
        direction,
        pod.ports,
        lookup,
        portSets,
      );
    profiles.set(key, shared);
    perClass[direction].set(pod.id, shared);
    return shared;
  };

  const families = once(() => {
    const rules = classes.flatMap((pod) => [profile(pod, 'ingress'), profile(pod, 'egress')]);
    return isDualStack === true ? FAMILIES : familiesNamed([...new Set(rules)].flatMap(({ tiers }) => tiers));
  });

  return {
    classes,
    families,
    profile,
    matching: (peer) => lookup.classesOf(peer),
    between: (from, to) =>
      portSets.intersect(openFor(profile(from, 'egress'), to), openFor(profile(to, 'ingress'), from)),
    because: (from, to) => ({
      egress: becauseOf(profile(from, 'egress'), to),
      ingress: becauseOf(profile(to, 'ingress'), from),
    }),
  };
}

/** What one side's policies leave open for one class of peers. */
export function openFor(profile: DirectionProfile, peer: PodClass): PortSet {
  if (peer.hostNetwork) return profile.hostPods;
  return profile.named().get(peer.id) ?? profile.anyPod;
}

function becauseOf({ policies, tiers, isolated }: DirectionProfile, peer: PodClass) {
  const allowing = tiers
    .flatMap(({ rules }) => rules)
    .filter((rule) => rule.action === 'accept' && rule.peers.some((candidate) => matches(candidate, peer)));
  return {
    isolatedBy: isolated ? policies.map(({ ref }) => ref) : [],
    allowedBy: [...new Set(allowing.map(({ policy }) => policy))],
  };
}

function hasNamedPorts(policy: CompiledPolicy, direction: Direction): boolean {
  return (policy[direction]?.rules ?? []).some(({ ports: { names } }) => names.length > 0);
}

function profileOf(
  policies: readonly CompiledPolicy[],
  direction: Direction,
  own: readonly ContainerPort[],
  lookup: PeerLookup,
  portSets: PortSets,
): DirectionProfile {
  const tiers = tiersOf(policies, direction);
  // A name is looked up on the destination: our own ports for ingress, the peer's for egress.
  const portsAt = (rule: Rule, peer: readonly ContainerPort[]) =>
    resolve(rule.ports, direction === 'ingress' ? own : peer);
  const open = (portsFor: (rule: Rule) => PortSet) => portSets.one(evaluateTiers(tiers, portsFor));
  const anyPod = open((rule) => (rule.peers.some(isEvery) ? portsAt(rule, []) : NO_PORTS));
  const namedClasses = () => {
    const singled = new Set(tiers.flatMap(({ rules }) => rules.flatMap((rule) => lookup.singled(rule, direction))));
    return new Map(
      [...singled].map((pod): [number, PortSet] => [
        pod.id,
        open((rule) => (rule.peers.some((peer) => matches(peer, pod)) ? portsAt(rule, pod.ports) : NO_PORTS)),
      ]),
    );
  };
  return {
    isolated: tiers.some(({ isolates }) => isolates),
    policies,
    tiers,
    anyPod,
    hostPods: open((rule) => (rule.peers.some(isHosts) ? portsAt(rule, []) : NO_PORTS)),
    outside: byFamilies((families) => outsideRanges(direction === 'ingress' ? resolved(tiers, own) : tiers, families)),
    named: once(namedClasses),
    openToLater: ({ words }) =>
      open((rule) =>
        rule.peers.some((peer) => isEvery(peer) || (peer.kind === 'pods' && peer.words === words))
          ? portsAt(rule, [])
          : NO_PORTS,
      ),
  };
}

/** Seen from outside, an ingress rule's named ports are those of the pod itself. */
function resolved(tiers: readonly RuleTier[], own: readonly ContainerPort[]): readonly RuleTier[] {
  return tiers.map(({ isolates, rules }) => ({
    isolates,
    rules: rules.map((rule) => ({ ...rule, ports: { numbers: resolve(rule.ports, own), names: [] } })),
  }));
}

function byFamilies(
  make: (families: readonly Family[] | undefined) => readonly OutsideRange[],
): DirectionProfile['outside'] {
  const made = new Map<string | undefined, readonly OutsideRange[]>();
  return (families) => {
    const key = families?.join();
    const ranges = made.get(key) ?? make(families);
    made.set(key, ranges);
    return ranges;
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function resolve({ numbers, names }: PortMatch, destination: readonly ContainerPort[]): PortSet {
  return names
    .flatMap((wanted) =>
      destination
        .filter(({ name, protocol }) => name === wanted.name && protocol === wanted.protocol)
        .map(({ port, protocol }) => ports(protocol, port, port)),
    )
    .reduce(union, numbers);
}

/** Matches every pod of the pod network. */
function isEvery(peer: Peer): boolean {
  return (
    peer.kind === 'anyone' || (peer.kind === 'pods' && peer.every) || (peer.kind === 'addresses' && peer.includesPods)
  );
}

/** Matches the nodes, and so the pods on their network. */
function isHosts(peer: Peer): boolean {
  return peer.kind === 'anyone' || peer.kind === 'hosts' || (peer.kind === 'addresses' && peer.includesHosts);
}

function matches(peer: Peer, pod: PodClass): boolean {
  if (pod.hostNetwork) return isHosts(peer);
  return isEvery(peer) || (peer.kind === 'pods' && peer.matches(pod));
}

/** Finds the policies of a pod without walking through those of other namespaces. */
class PolicyIndex {
  private readonly byNamespace: ReadonlyMap<string | undefined, readonly { id: number; policy: CompiledPolicy }[]>;

  constructor(policies: readonly CompiledPolicy[]) {
    this.byNamespace = Map.groupBy(
      policies.map((policy, id) => ({ id, policy })),
      ({ policy }) => policy.namespace,
    );
  }

  /** Pods on the host network are outside of every policy's reach. */
  selecting(pod: PodClass, direction: Direction): readonly { id: number; policy: CompiledPolicy }[] {
    if (pod.hostNetwork) return [];
    const own = this.byNamespace.get(pod.namespace.name) ?? [];
    const clusterWide = this.byNamespace.get(undefined) ?? [];
    return [...own, ...clusterWide].filter(({ policy }) => policy[direction] !== undefined && policy.selects(pod));
  }
}

/** Finds the classes that a peer singles out, each peer once. */
class PeerLookup {
  private readonly found = new WeakMap<Peer, readonly PodClass[]>();
  private readonly byNamespace: ReadonlyMap<string, readonly PodClass[]>;
  private readonly podNetwork: readonly PodClass[];

  constructor(classes: readonly PodClass[]) {
    this.podNetwork = classes.filter(({ hostNetwork }) => !hostNetwork);
    this.byNamespace = Map.groupBy(this.podNetwork, ({ namespace }) => namespace.name);
  }

  singled(rule: Rule, direction: Direction): readonly PodClass[] {
    const classes = rule.peers.flatMap((peer) => this.classesOf(peer));
    const byPort =
      direction === 'egress' && rule.ports.names.length > 0 && rule.peers.some(isEvery)
        ? this.podNetwork.filter(({ ports: own }) => !isNone(resolve({ ...rule.ports, numbers: NO_PORTS }, own)))
        : [];
    return [...classes, ...byPort];
  }

  classesOf(peer: Peer): readonly PodClass[] {
    if (peer.kind !== 'pods' || peer.every) return [];
    const known = this.found.get(peer);
    if (known !== undefined) return known;
    const candidates = peer.namespace === undefined ? this.podNetwork : (this.byNamespace.get(peer.namespace) ?? []);
    const classes = candidates.filter((pod) => peer.matches(pod));
    this.found.set(peer, classes);
    return classes;
  }
}
