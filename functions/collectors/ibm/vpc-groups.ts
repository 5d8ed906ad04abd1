import { collected, type Source, unavailable } from '#domain/collected.ts';
import type { IksEvidence, IksSecurityGroup, IksSubnet } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmReading } from './read.ts';
import { asRecord, byId, recordsOf } from './shape.ts';
import { type ClusterPlace, type Item, told, toldId, type VpcReading } from './vpc.ts';

const API = 'vpc:listSecurityGroups';

/** What the service itself says of the groups of a cluster. */
interface Membership {
  /** Ids of the groups that the workers are in. */
  readonly workers: ReadonlySet<string>;
}

/**
 * The security groups that the workers are in, or may be in. Workers stand in an account of the service, so that a group does not list them among its
 * targets: the service's own list tells, and where it cannot be read, the name of the cluster's group and targets that name a worker. Any other
 * group of the network may be theirs then: the network's default group is, for clusters that were created before 1.30.
 */
export async function getSecurityGroups(
  { id: cluster, workers, subnets, region }: ClusterPlace,
  vpc: VpcReading,
  reading: IbmReading,
): Promise<IksEvidence['securityGroups']> {
  if (subnets.state === 'unavailable') return subnets;
  if (!subnets.value.some(hasWayOut))
    return unavailable('not-scanned', 'no worker subnet has a path out to close', API);
  const [groups, membership] = await Promise.all([
    vpc.list(API, region, 'security_groups', 'security_groups'),
    readMembership(cluster, reading),
  ]);
  if (groups.state === 'unavailable') return groups;
  const networks = new Set(subnets.value.flatMap((subnet) => (subnet.vpc.told === 'yes' ? [subnet.vpc.value] : [])));
  const ids = workers.state === 'collected' ? workers.value.map(({ id }) => id) : [];
  const own = groups.value.flatMap((group): readonly IksSecurityGroup[] => {
    const network = toldId(group['vpc']);
    if (network.told === 'yes' && networks.size > 0 && !networks.has(network.value)) return [];
    const belongs = belonging(group, cluster, ids, membership);
    if (belongs === 'no') return [];
    const { id, name } = group;
    return [
      {
        id: String(id ?? ''),
        name: String(name ?? id ?? 'unnamed'),
        workers: belongs,
        outbound: outboundOf(group, groups.source),
      },
    ];
  });
  const missing = [...(membership?.workers ?? [])].filter((id) => !own.some((group) => group.id === id));
  return collected(byId([...own, ...missing.map(unlisted)]), groups.source);
}

function hasWayOut({ gateway, routes }: IksSubnet): boolean {
  return gateway.attached === 'yes' || (routes.state === 'collected' && routes.value.length > 0);
}

/** A group that the service names and the list does not hold. */
function unlisted(id: string): IksSecurityGroup {
  const outbound = unavailable('not-found', `security group ${id} is not in the list of the region`, API);
  return { id, name: id, workers: 'yes', outbound };
}

async function readMembership(cluster: string, reading: IbmReading): Promise<Membership | undefined> {
  const path = `network/v2/security-group/getSecurityGroups?cluster=${encodeURIComponent(cluster)}`;
  const part = await reading.part(
    'containers:getSecurityGroups',
    async () => {
      const groups = recordsOf(await reading.get(`${reading.endpoints.containers}/${path}`), 'security groups');
      const workers = groups.filter(isOfWorkers).map(({ id }) => {
        if (typeof id !== 'string' || id === '') throw new Refusal('malformed-answer', 'a security group has no id');
        return id;
      });
      return { workers: new Set(workers) };
    },
    // Without it the groups are told by their names and targets.
    {
      resource: `ibm:cluster:${cluster}`,
      withoutGap: ({ reason }) => (reason === 'denied' ? undefined : 'not-scanned'),
    },
  );
  return part.state === 'collected' && part.value.workers.size > 0 ? part.value : undefined;
}

/** By the service's own type: those of gateways and load balancers stand in the same list. */
function isOfWorkers({ type, workerPoolID }: Item): boolean {
  if (typeof workerPoolID === 'string' && workerPoolID !== '') return true;
  return typeof type === 'string' && /cluster|worker/i.test(type) && !/vpe|gateway|lbaas|balancer/i.test(type);
}

const TARGETS_OF_OTHERS = ['load_balancer', 'endpoint_gateway', 'vpn_server'];

function belonging(
  group: Item,
  cluster: string,
  workers: readonly string[],
  membership: Membership | undefined,
): IksSecurityGroup['workers'] | 'no' {
  const name = String(group['name'] ?? '');
  if (name === `kube-${cluster}`) return 'yes';
  if (membership !== undefined) return membership.workers.has(String(group['id'])) ? 'yes' : 'no';
  const targets = Array.isArray(group['targets']) ? group['targets'].map((target) => asRecord(target) ?? {}) : [];
  const names = targets.flatMap((target) => [target['id'], target['name']]).map(String);
  if (names.some((target) => target.startsWith(`kube-${cluster}-`) || workers.includes(target))) return 'yes';
  if (isOfAnotherKind(name)) return 'no';
  const others =
    targets.length > 0 && targets.every((target) => TARGETS_OF_OTHERS.includes(String(target['resource_type'])));
  return others ? 'no' : 'perhaps';
}

/** Groups that the service makes for load balancers, gateways and the workers of other clusters. */
function isOfAnotherKind(name: string): boolean {
  return /^kube-(lbaas|vpegw)-/.test(name) || /^kube-[a-z0-9]{20}$/.test(name) || /^kube-r\d{3}-/.test(name);
}

function outboundOf(group: Item, source: Source): IksSecurityGroup['outbound'] {
  try {
    const rules = recordsOf(group['rules'], 'rules');
    if (rules.some(({ direction }) => direction !== 'inbound' && direction !== 'outbound'))
      throw new Refusal('malformed-answer', 'a rule does not report its direction');
    return collected(rules.filter(({ direction }) => direction === 'outbound').map(toRule), source);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return unavailable(error.reason, `security group ${String(group['name'])}: ${error.message}`, API);
  }
}

type Rule = Extract<IksSecurityGroup['outbound'], { state: 'collected' }>['value'][number];

function toRule({ protocol, remote }: Item): Rule {
  const { cidr_block: block, address, id } = asRecord(remote) ?? {};
  const range = told(block ?? address);
  const group = told(id);
  return {
    protocol: typeof protocol === 'string' ? protocol : 'all',
    remote:
      range.told === 'yes'
        ? { kind: 'range', range: range.value }
        : group.told === 'yes'
          ? { kind: 'group', id: group.value }
          : { kind: 'unknown', raw: (JSON.stringify(remote) ?? 'nothing').slice(0, 80) },
  };
}
