import { toCidrs } from '#domain/net/cidr.ts';
import type { PodClass } from './classes.ts';
import type { Direction, PodsPeer } from './model.ts';
import { uniteOutside } from './outside.ts';
import { includes, isNone, NO_PORTS, type PortSet, union } from './ports.ts';
import { type DirectionProfile, openFor, type Reachability } from './reachability.ts';
import { compare, type PeerPorts, PeerTable, textOf, workloadsOf } from './report-rows.ts';

/** Blocks of outside addresses, disjoint and as few as can be, with what is open for them on one side of the workload. */
export function outsideOf(
  reach: Reachability,
  classes: readonly PodClass[],
  direction: Direction,
): readonly (readonly [block: string, ports: PortSet])[] {
  const families = reach.families();
  return uniteOutside(profilesOf(reach, classes, direction).map((profile) => profile.outside(families)))
    .flatMap(({ range, ports }) => toCidrs(range).map((block) => [block, ports] as const))
    .sort(([a], [b]) => compare(a, b));
}

function profilesOf(reach: Reachability, classes: readonly PodClass[], direction: Direction) {
  return [...new Set(classes.map((pod) => reach.profile(pod, direction)))];
}

const EVERY_POD = 'entire-cluster';
/** Where a deny rule holds some pod shorter than the rest, the rest is not the entire cluster. */
const OTHER_PODS = '[all other pods]';

/** What the workload's own policies leave open on its side; whether the other side agrees stands in the connections. */
export function exposureOf(
  reach: Reachability,
  classes: readonly PodClass[],
  direction: Direction,
): readonly PeerPorts[] {
  const profiles = profilesOf(reach, classes, direction);
  const openTo = (peer: PodClass) => unionOf(profiles, (profile) => openFor(profile, peer));
  const anyPod = unionOf(profiles, (profile) => profile.anyPod);
  const singled = [...new Set(profiles.flatMap((profile) => [...profile.named().keys()]))].flatMap(
    (id) => reach.classes[id] ?? [],
  );
  const whole = singled.every((peer) => includes(openTo(peer), anyPod));
  const onHosts = reach.classes.filter(({ hostNetwork }) => hostNetwork);
  const peers = new PeerTable();
  for (const peer of whole ? [...singled, ...onHosts] : reach.classes) {
    for (const workload of workloadsOf(peer)) peers.add(workload, openTo(peer));
  }
  for (const [words, ports] of profiles.flatMap((profile) => laterPeers(reach, profile))) peers.add(words, ports);
  const beyond = peers.rows().filter(([, ports]) => !whole || !includes(anyPod, ports));
  const rows = [
    ...outsideOf(reach, classes, direction),
    ...(isNone(anyPod) ? [] : [[whole ? EVERY_POD : OTHER_PODS, anyPod] as const]),
    ...beyond,
  ];
  return rows.map(([peer, ports]) => ({ peer, ports: textOf(ports) })).sort((a, b) => compare(a.peer, b.peer));
}

function unionOf(profiles: readonly DirectionProfile[], ports: (profile: DirectionProfile) => PortSet): PortSet {
  return profiles.map(ports).reduce(union, NO_PORTS);
}

/** Selectors of accepting rules that no present pod matches: whoever gets such labels later comes in. */
function laterPeers(
  reach: Reachability,
  profile: DirectionProfile,
): readonly (readonly [words: string, ports: PortSet])[] {
  return profile.tiers
    .flatMap(({ rules }) => rules.filter(({ action }) => action === 'accept').flatMap(({ peers }) => peers))
    .filter((peer): peer is PodsPeer => peer.kind === 'pods' && !peer.every && reach.matching(peer).length === 0)
    .map((peer) => [peer.words, profile.openToLater(peer)] as const)
    .filter(([, ports]) => !includes(profile.anyPod, ports));
}
