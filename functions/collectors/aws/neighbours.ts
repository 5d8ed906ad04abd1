import { type Collected, unavailable } from '#domain/collected.ts';
import type { EksCluster, EksEvidence } from '#domain/evidence/eks.ts';

type Neighbour = EksEvidence['neighbours'][number];

interface Described {
  readonly name: string;
  readonly cluster: Collected<EksCluster>;
}

/**
 * For each cluster the others that share a security group with it, and those whose groups are not known. The rest has nothing to say to it:
 * a list of everybody for everybody would grow with the square of the clusters.
 */
export function neighboursOf(clusters: readonly Described[]): (name: string) => Neighbour[] {
  const entries = clusters.map(toEntry);
  const unknown = entries.filter(({ groups }) => groups === undefined);
  const byGroup = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const group of entry.groups ?? []) {
      const sharing = byGroup.get(group);
      if (sharing === undefined) byGroup.set(group, [entry]);
      else sharing.push(entry);
    }
  }
  const byName = new Map(entries.map((entry) => [entry.neighbour.name, entry]));
  return (name) => {
    const sharing = (byName.get(name)?.groups ?? []).flatMap((group) => byGroup.get(group) ?? []);
    const others = new Map([...unknown, ...sharing].map(({ neighbour }) => [neighbour.name, neighbour]));
    others.delete(name);
    return [...others.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  };
}

interface Entry {
  readonly neighbour: Neighbour;
  /** Undefined: not every group is known. */
  readonly groups: readonly string[] | undefined;
}

function toEntry({ name, cluster }: Described): Entry {
  if (cluster.state === 'unavailable') return { neighbour: { name, groups: cluster }, groups: undefined };
  const { securityGroupIds, clusterSecurityGroupId: own } = cluster.value;
  if (securityGroupIds.state === 'malformed') {
    const groups = unavailable(
      'malformed-answer',
      `securityGroupIds of ${name} is ${securityGroupIds.raw}`,
      'eks:DescribeCluster',
    );
    return { neighbour: { name, groups }, groups: undefined };
  }
  const additional = securityGroupIds.state === 'given' ? securityGroupIds.value : [];
  const neighbour: Neighbour = {
    name,
    groups: { state: 'collected', value: { additional: [...additional], own }, source: cluster.source },
  };
  const groups = [...additional, ...(own.state === 'given' ? [own.value] : [])];
  return { neighbour, groups: own.state === 'malformed' ? undefined : groups };
}
