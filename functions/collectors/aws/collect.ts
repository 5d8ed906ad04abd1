import { type Collected, type Unavailable, unavailable } from '#domain/collected.ts';
import type { Collect, CollectContext, Collection, Gap, Subject } from '#domain/collection.ts';
import type { EksCluster, EksEvidence } from '#domain/evidence/eks.ts';
import type { EksNetwork } from '#domain/evidence/eks-network.ts';
import type { Target } from '#domain/target.ts';
import type { Accounts } from './accounts.ts';
import { describeCluster, listClusters } from './clusters.ts';
import { readNetwork } from './network.ts';
import {
  readAddons,
  readFargate,
  readNodeGroups,
  readPodIdentity,
  readRolePolicies,
  readSelfManaged,
} from './nodes.ts';
import { Pacer } from './pacing.ts';
import { mapLimited, Reading } from './read.ts';
import type { AwsSession, Counter, RegionClients } from './session.ts';

export interface CollectDependencies {
  readonly session: AwsSession;
  readonly accounts: Accounts;
  readonly rateFraction: number;
  /** Whether another account may be entered to read a network that it shares. */
  readonly inScope: (account: string) => boolean;
}

/** Clusters read side by side: enough to hide latency, few enough for EKS's own limits. */
const CLUSTERS_AT_ONCE = 10;

/** Reads one account and region. */
export function collectRegion({ session, accounts, rateFraction, inScope }: CollectDependencies): Collect {
  return async (target, context) => {
    const counter: Counter = { calls: 0 };
    const region = target.region ?? session.homeRegion;
    const partition = target.details?.['partition'] ?? 'aws';
    const entered = await accounts.tryEnter(target.account, partition, counter, context.signal);
    if ('state' in entered) return nothing(entered, counter);
    const pacer = new Pacer(rateFraction);
    const clients = session.region(region, entered.keys, counter, pacer);
    const opened: RegionClients[] = [clients];
    const clientsOf = async (owner: string): Promise<RegionClients | Unavailable> => {
      if (!inScope(owner))
        return unavailable(
          'not-scanned',
          `the network belongs to account ${owner}, which is out of scope`,
          'sts:AssumeRole',
        );
      const keys = await accounts.tryEnter(owner, partition, counter, context.signal);
      if ('state' in keys) return keys;
      const other = session.region(region, keys.keys, counter, new Pacer(rateFraction));
      opened.push(other);
      return other;
    };
    try {
      return await readRegion({ ...target, region, partition }, context, clients, clientsOf, counter);
    } finally {
      for (const open of opened) open.destroy();
    }
  };
}

interface Region extends Target {
  readonly region: string;
  readonly partition: string;
}

interface Described {
  readonly name: string;
  readonly arn: string;
  readonly cluster: Collected<EksCluster>;
}

async function readRegion(
  region: Region,
  context: CollectContext,
  clients: RegionClients,
  clientsOf: (owner: string) => Promise<RegionClients | Unavailable>,
  counter: Counter,
): Promise<Collection> {
  const enabled = region.details?.['optIn'] !== 'not-opted-in';
  const reading = new Reading(context.signal, context.now, enabled);
  const names = await listClusters(clients, reading);
  if (names.state === 'unavailable' || names.value.length === 0) {
    return {
      subjects: [],
      inventoryComplete: names.state === 'collected',
      gaps: reading.gaps,
      apiCalls: counter.calls,
    };
  }
  const described = await describeAll(names.value, region, clients, reading);
  const selfManaged = readSelfManaged(clients, reading);
  const parts = await mapLimited(described, CLUSTERS_AT_ONCE, (entry) =>
    readParts(entry, clients, reading, selfManaged),
  );
  const network = await networkOf(region, parts, clients, clientsOf, reading);
  return {
    subjects: parts.map((part) => toSubject(part, region, network, described)),
    inventoryComplete: true,
    gaps: reading.gaps,
    apiCalls: counter.calls,
  };
}

/** Clusters that vanished since the list, and those on their way out, are left out. */
async function describeAll(
  names: readonly string[],
  region: Region,
  clients: RegionClients,
  reading: Reading,
): Promise<readonly Described[]> {
  const described = await mapLimited(names, CLUSTERS_AT_ONCE, async (name) => {
    const arn = `arn:${region.partition}:eks:${region.region}:${region.account}:cluster/${name}`;
    const cluster = await describeCluster(name, arn, clients, reading);
    return cluster === undefined || isDeleting(cluster) ? undefined : { name, arn, cluster };
  });
  return described.filter((entry) => entry !== undefined);
}

function isDeleting(cluster: Collected<EksCluster>): boolean {
  return (
    cluster.state === 'collected' && cluster.value.status.state === 'given' && cluster.value.status.value === 'DELETING'
  );
}

type Parts = Described &
  Pick<
    EksEvidence,
    | 'nodeGroups'
    | 'fargateProfiles'
    | 'selfManagedNodes'
    | 'addons'
    | 'vpcCni'
    | 'podIdentityAssociations'
    | 'rolePolicies'
  >;

async function readParts(
  { name, arn, cluster }: Described,
  clients: RegionClients,
  reading: Reading,
  selfManaged: ReturnType<typeof readSelfManaged>,
): Promise<Parts> {
  if (cluster.state === 'unavailable' || cluster.value.kind !== 'cloud') {
    const without =
      cluster.state === 'unavailable'
        ? cluster
        : unavailable('not-scanned', 'not asked of a cluster outside the cloud', 'eks:DescribeCluster');
    const none = {
      nodeGroups: without,
      fargateProfiles: without,
      selfManagedNodes: without,
      addons: without,
      podIdentityAssociations: without,
      rolePolicies: without,
    };
    return { name, arn, cluster, ...none, vpcCni: { state: 'not-listed' } };
  }
  const { roleArn } = cluster.value;
  const [nodeGroups, fargateProfiles, addons, podIdentityAssociations, rolePolicies, tagged] = await Promise.all([
    readNodeGroups(name, arn, clients, reading),
    readFargate(name, arn, clients, reading),
    readAddons(name, arn, clients, reading),
    readPodIdentity(name, arn, clients, reading),
    roleArn.state === 'given'
      ? readRolePolicies(roleArn.value, arn, clients, reading)
      : unavailable('absent-field', 'the cluster names no role', 'iam:ListAttachedRolePolicies'),
    selfManaged,
  ]);
  const selfManagedNodes: EksEvidence['selfManagedNodes'] =
    tagged.state === 'unavailable'
      ? tagged
      : { ...tagged, value: tagged.value.filter((entry) => entry.cluster === name).map(({ node }) => node) };
  return {
    name,
    arn,
    cluster,
    nodeGroups,
    fargateProfiles,
    selfManagedNodes,
    ...addons,
    podIdentityAssociations,
    rolePolicies,
  };
}

function networkOf(
  region: Region,
  parts: readonly Parts[],
  clients: RegionClients,
  clientsOf: (owner: string) => Promise<RegionClients | Unavailable>,
  reading: Reading,
): Promise<EksNetwork> {
  const subnetIds = new Set<string>();
  const vpcIds = new Set<string>();
  const instanceTypes = new Set<string>();
  for (const { cluster, nodeGroups, fargateProfiles, selfManagedNodes } of parts) {
    if (cluster.state !== 'collected') continue;
    if (cluster.value.vpcId.state === 'given') vpcIds.add(cluster.value.vpcId.value);
    addAll(subnetIds, given(cluster.value.subnetIds));
    for (const group of valuesOf(nodeGroups)) {
      addAll(subnetIds, given(group.subnetIds));
      addAll(instanceTypes, given(group.instanceTypes));
      if (group.launchTemplate.use === 'template' && group.launchTemplate.content.state === 'collected') {
        const { instanceType } = group.launchTemplate.content.value;
        if (instanceType.state === 'given') instanceTypes.add(instanceType.value);
      }
    }
    for (const profile of valuesOf(fargateProfiles)) addAll(subnetIds, given(profile.subnetIds));
    if (selfManagedNodes.state === 'collected')
      addAll(
        subnetIds,
        selfManagedNodes.value.map(({ subnetId }) => subnetId),
      );
  }
  return readNetwork({
    account: region.account,
    region: region.region,
    subnetIds: [...subnetIds].sort(),
    vpcIds: [...vpcIds].sort(),
    instanceTypes: [...instanceTypes].sort(),
    clients,
    clientsOf,
    reading,
  });
}

function given(field: { readonly state: string; readonly value?: readonly string[] }): readonly string[] {
  return field.state === 'given' ? (field.value ?? []) : [];
}

function addAll(set: Set<string>, values: readonly string[]): void {
  for (const value of values) set.add(value);
}

function valuesOf<T>(part: Collected<readonly Collected<T>[]>): readonly T[] {
  return part.state === 'collected'
    ? part.value.flatMap((entry) => (entry.state === 'collected' ? [entry.value] : []))
    : [];
}

function toSubject(part: Parts, region: Region, network: EksNetwork, all: readonly Described[]): Subject<'eks'> {
  const { account, partition } = region;
  return {
    kind: 'eks',
    resource: {
      uid: part.arn,
      type: 'aws.eks.cluster',
      provider: 'aws',
      account,
      region: region.region,
      name: part.name,
    },
    evidence: { ...part, account, region: region.region, partition, network, neighbours: neighboursOf(part.name, all) },
  };
}

function neighboursOf(name: string, all: readonly Described[]): EksEvidence['neighbours'] {
  return all
    .filter((other) => other.name !== name)
    .map(({ name: other, cluster }) => ({
      name: other,
      groups:
        cluster.state === 'unavailable'
          ? cluster
          : {
              ...cluster,
              value: {
                additional: [...given(cluster.value.securityGroupIds)],
                own: cluster.value.clusterSecurityGroupId,
              },
            },
    }));
}

function nothing({ reason, message, api }: Unavailable, counter: Counter): Collection {
  const gap: Gap = { reason, message, api };
  return { subjects: [], inventoryComplete: false, gaps: [gap], apiCalls: counter.calls };
}
