import { type Collected, type Unavailable, unavailable } from '#domain/collected.ts';
import {
  type Collect,
  type CollectContext,
  type Collection,
  type Gap,
  gapsInOrder,
  type Subject,
} from '#domain/collection.ts';
import type { EksCluster, EksEvidence } from '#domain/evidence/eks.ts';
import type { EksInstance } from '#domain/evidence/eks-instances.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { Target } from '#domain/target.ts';
import { readAccessEntries } from './access-entries.ts';
import type { Accounts } from './accounts.ts';
import { readAddons, readPodIdentity } from './addons.ts';
import { describeCluster, listClusters } from './clusters.ts';
import { readInstances } from './instances.ts';
import { neighboursOf } from './neighbours.ts';
import { type NetworkOf, readNetwork } from './network.ts';
import { readFargate, readNodeGroups, readRolePolicies } from './nodes.ts';
import type { Pacers } from './pacing.ts';
import { permissions } from './permissions.ts';
import { Reading } from './read.ts';
import type { AwsSession, Counter, RegionClients } from './session.ts';

export interface CollectDependencies {
  readonly session: AwsSession;
  readonly accounts: Accounts;
  readonly pacers: Pacers;
  /** Whether another account may be entered to read a network that it shares. */
  readonly inScope: (account: string) => boolean;
  /** Whether the access entries of clusters are read: nobody but the control of administrators needs them. */
  readonly administrators: boolean;
}

/** Clusters read side by side: enough to hide latency, few enough for EKS's own limits. */
const CLUSTERS_AT_ONCE = 10;

/** Reads one account and region. */
export function collectRegion({ session, accounts, pacers, inScope, administrators }: CollectDependencies): Collect {
  return async (target, context) => {
    const counter: Counter = { calls: 0 };
    const region = target.region ?? session.homeRegion;
    const partition = target.details?.['partition'] ?? 'aws';
    const entered = await accounts.tryEnter(target.account, partition, counter, context.signal);
    if ('state' in entered) return nothing(entered, counter);
    const paceOf = (account: string) => ({ pacer: pacers.of(account, region), signal: context.signal });
    const clients = session.region(region, entered.keys, counter, paceOf(target.account));
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
      const other = session.region(region, keys.keys, counter, paceOf(owner));
      opened.push(other);
      return other;
    };
    try {
      return await readRegion({ ...target, region, partition, administrators }, context, clients, clientsOf, counter);
    } finally {
      for (const open of opened) open.destroy();
    }
  };
}

interface Region extends Target {
  readonly region: string;
  readonly partition: string;
  readonly administrators: boolean;
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
      gaps: gapsInOrder(reading.gaps, permissions),
      apiCalls: counter.calls,
    };
  }
  const described = await describeAll(names.value, region, clients, reading);
  const tagged = readInstances(clients, reading);
  const parts = await mapConcurrently(described, CLUSTERS_AT_ONCE, (entry) =>
    readParts(entry, region, clients, reading, tagged),
  );
  const named = parts.map(namedBy);
  const network = await networkOf(region, named, clients, clientsOf, reading);
  const neighbours = neighboursOf(described);
  return {
    subjects: parts.map((part, index) => {
      const { subnetIds = [], vpcIds = [] } = named[index] ?? {};
      return toSubject(part, region, network(subnetIds, vpcIds), neighbours(part.name));
    }),
    inventoryComplete: true,
    gaps: gapsInOrder(reading.gaps, permissions),
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
  const described = await mapConcurrently(names, CLUSTERS_AT_ONCE, async (name) => {
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
    | 'instances'
    | 'addons'
    | 'addonDescriptions'
    | 'vpcCni'
    | 'podIdentityAssociations'
    | 'rolePolicies'
    | 'accessEntries'
  >;

async function readParts(
  { name, arn, cluster }: Described,
  { administrators }: Pick<Region, 'administrators'>,
  clients: RegionClients,
  reading: Reading,
  tagged: ReturnType<typeof readInstances>,
): Promise<Parts> {
  if (cluster.state === 'unavailable' || cluster.value.kind !== 'cloud') {
    const without =
      cluster.state === 'unavailable'
        ? cluster
        : unavailable('not-scanned', 'not asked of a cluster outside the cloud', 'eks:DescribeCluster');
    const none = {
      nodeGroups: without,
      fargateProfiles: without,
      instances: without,
      addons: without,
      podIdentityAssociations: without,
      rolePolicies: without,
      accessEntries: without,
    };
    return { name, arn, cluster, ...none, addonDescriptions: [], vpcCni: { state: 'not-listed' } };
  }
  const { roleArn } = cluster.value;
  const [nodeGroups, fargateProfiles, addons, podIdentityAssociations, rolePolicies, accessEntries, all] =
    await Promise.all([
      readNodeGroups(name, arn, clients, reading),
      readFargate(name, arn, clients, reading),
      readAddons(name, arn, clients, reading),
      readPodIdentity(name, arn, clients, reading),
      roleArn.state === 'given'
        ? readRolePolicies(roleArn.value, arn, clients, reading)
        : unavailable('absent-field', 'the cluster names no role', 'iam:ListAttachedRolePolicies'),
      administrators ? readAccessEntries(name, arn, cluster.value, clients, reading) : NOT_JUDGED,
      tagged,
    ]);
  const instances: EksEvidence['instances'] =
    all.state === 'unavailable'
      ? all
      : { ...all, value: all.value.filter((entry) => entry.cluster === name).map(({ instance }) => instance) };
  return {
    name,
    arn,
    cluster,
    nodeGroups,
    fargateProfiles,
    instances,
    ...addons,
    podIdentityAssociations,
    rolePolicies,
    accessEntries,
  };
}

const NOT_JUDGED = unavailable(
  'not-scanned',
  'not asked: the control of administrators is switched off',
  'eks:ListAccessEntries',
);

/** What one cluster points to in EC2. */
interface Named {
  readonly subnetIds: readonly string[];
  readonly vpcIds: readonly string[];
  readonly instanceTypes: readonly string[];
}

function namedBy({ cluster, nodeGroups, fargateProfiles, instances }: Parts): Named {
  if (cluster.state !== 'collected') return { subnetIds: [], vpcIds: [], instanceTypes: [] };
  const groups = valuesOf(nodeGroups);
  const templates = groups.flatMap(({ launchTemplate: { use, ...template } }) =>
    use === 'template' && 'content' in template && template.content.state === 'collected'
      ? [template.content.value]
      : [],
  );
  const { vpcId } = cluster.value;
  return {
    subnetIds: [
      ...given(cluster.value.subnetIds),
      ...groups.flatMap((group) => given(group.subnetIds)),
      ...valuesOf(fargateProfiles).flatMap((profile) => given(profile.subnetIds)),
      ...(instances.state === 'collected' ? instances.value.flatMap(subnetsOf) : []),
    ],
    vpcIds: vpcId.state === 'given' ? [vpcId.value] : [],
    instanceTypes: [
      ...groups.flatMap((group) => given(group.instanceTypes)),
      ...templates.flatMap(({ instanceType }) => (instanceType.state === 'given' ? [instanceType.value] : [])),
    ],
  };
}

function subnetsOf({ subnetId, interfaces }: EksInstance): readonly string[] {
  return [subnetId, ...interfaces.map((entry) => entry.subnetId)];
}

function networkOf(
  region: Region,
  named: readonly Named[],
  clients: RegionClients,
  clientsOf: (owner: string) => Promise<RegionClients | Unavailable>,
  reading: Reading,
): Promise<NetworkOf> {
  const all = (key: keyof Named) => [...new Set(named.flatMap((entry) => entry[key]))].sort();
  return readNetwork({
    account: region.account,
    region: region.region,
    subnetIds: all('subnetIds'),
    vpcIds: all('vpcIds'),
    instanceTypes: all('instanceTypes'),
    clients,
    clientsOf,
    reading,
  });
}

function given(field: { readonly state: string; readonly value?: readonly string[] }): readonly string[] {
  return field.state === 'given' ? (field.value ?? []) : [];
}

function valuesOf<T>(part: Collected<readonly Collected<T>[]>): readonly T[] {
  return part.state === 'collected'
    ? part.value.flatMap((entry) => (entry.state === 'collected' ? [entry.value] : []))
    : [];
}

function toSubject(
  part: Parts,
  { account, partition, region }: Region,
  network: EksEvidence['network'],
  neighbours: EksEvidence['neighbours'],
): Subject<'eks'> {
  return {
    kind: 'eks',
    resource: { uid: part.arn, type: 'aws.eks.cluster', provider: 'aws', account, region, name: part.name },
    evidence: { ...part, account, region, partition, network, neighbours },
  };
}

function nothing({ reason, message, api }: Unavailable, counter: Counter): Collection {
  const gap: Gap = { reason, message, api };
  return { subjects: [], inventoryComplete: false, gaps: [gap], apiCalls: counter.calls };
}
