import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { cniSwitch } from './cni-settings.ts';
import type { NodeSubnets, PodSubnets, Unclear } from './node-subnets.ts';

const CUSTOM = 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG';
const EXTERNAL_SNAT = 'AWS_VPC_K8S_CNI_EXTERNALSNAT';
const DISCOVERY = 'ENABLE_SUBNET_DISCOVERY';
const ROLE_TAG = 'kubernetes.io/role/cni';
const CLUSTER_TAG = 'cni.networking.k8s.aws/cluster/';

export function podSubnets(evidence: EksEvidence, nodes: NodeSubnets): PodSubnets {
  const settings = settingsOf(evidence);
  const custom = typeof settings === 'string' ? cniSwitch(settings, CUSTOM) : false;
  const observed = secondInterfaces(evidence);
  const named = new Set([...observed.keys(), ...(custom === true ? subnetsIn(String(settings)) : [])]);
  const discovered = custom === true ? [] : discoveredSubnets(evidence, nodes, settings);
  const certain = new Set([...named, ...discovered.filter(({ certain }) => certain).map(({ subnet }) => subnet.id)]);
  const all = new Set([...certain, ...discovered.map(({ subnet }) => subnet.id)]);
  const own = new Set(nodes.subnets.map(({ id }) => id));
  const { subnets } = evidence.network;
  const found = subnets.state === 'collected' ? subnets.value.filter(({ id }) => all.has(id) && !own.has(id)) : [];
  const everyGroup = [...new Set(nodes.sets.flatMap(({ groupIds }) => groupIds ?? []))];
  const uncertain = found.filter(({ id }) => !certain.has(id));
  const unclear =
    unclearCustom(custom, named, found, nodes, evidence) ??
    (uncertain.length > 0 ? { part: unclearVersion(uncertain), among: uncertain } : undefined);
  const groupsIn = (id: string) => observed.get(id) ?? everyGroup;
  const sure = found.filter(({ id }) => certain.has(id));
  const doubtful = unclear?.among ?? [];
  return {
    subnets: [...sure, ...doubtful],
    certain: sure,
    sets: [
      ...sure.map(({ id }) => ({ name: `pods in ${id}`, subnetIds: [id], groupIds: groupsIn(id) })),
      ...doubtful.map(({ id }) => ({
        name: `pods in ${id}`,
        subnetIds: [id],
        groupIds: groupsIn(id),
        ...(unclear === undefined ? {} : { uncertain: unclear.part }),
      })),
    ],
    ownRoutes: sure.length + doubtful.length === 0 ? false : switchOf(settings, EXTERNAL_SNAT),
    unclear,
  };
}

/** The settings as text; where the CNI is not a managed add-on they are inside the cluster. */
function settingsOf({ addons, vpcCni }: EksEvidence): string | Unavailable {
  if (addons.state === 'unavailable') return addons;
  if (vpcCni.state !== 'listed')
    return unavailable('undecidable', 'the settings of the VPC CNI are inside the cluster', 'eks:DescribeAddon');
  const { configuration } = vpcCni;
  if (configuration.state === 'unavailable') return configuration;
  const { value } = configuration;
  if (value.state === 'malformed')
    return unavailable('malformed-answer', `configurationValues of vpc-cni is ${value.raw}`, 'eks:DescribeAddon');
  return value.state === 'given' ? value.value : '';
}

function switchOf(settings: string | Unavailable, key: string): boolean | Unavailable {
  if (typeof settings !== 'string') return settings;
  return (
    cniSwitch(settings, key) ??
    unavailable('unrecognised-value', `${key} of vpc-cni is neither on nor off`, 'eks:DescribeAddon')
  );
}

/** Subnets of the interfaces that instances got after their first one, with the groups of those interfaces. */
function secondInterfaces({ instances }: EksEvidence): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { subnetId, interfaces } of instances.state === 'collected' ? instances.value : [])
    for (const entry of interfaces) {
      const first = entry.index.state === 'given' ? entry.index.value === 0 : entry.subnetId === subnetId;
      if (!first) found.set(entry.subnetId, [...new Set([...(found.get(entry.subnetId) ?? []), ...entry.groupIds])]);
    }
  return found;
}

/** The add-on makes the ENIConfigs itself where its configuration names their subnets. */
function subnetsIn(settings: string): readonly string[] {
  return settings.match(/\bsubnet-[0-9a-z]+/g) ?? [];
}

function unclearCustom(
  custom: boolean | undefined,
  named: ReadonlySet<string>,
  found: readonly EksSubnet[],
  nodes: NodeSubnets,
  { network }: EksEvidence,
): Unclear | undefined {
  const anywhere = (part: Unavailable): Unclear => ({ part, among: undefined });
  if (custom === undefined)
    return anywhere(
      unavailable('unrecognised-value', `${CUSTOM} of vpc-cni is neither on nor off`, 'eks:DescribeAddon'),
    );
  if (!custom) return undefined;
  const inside =
    'custom networking of the VPC CNI is on, and the ENIConfigs that name the subnets of pods are inside the cluster';
  if (named.size === 0) return anywhere(unavailable('undecidable', inside, 'ec2:DescribeInstances'));
  const known = network.subnets.state === 'collected' ? network.subnets.value.map(({ id }) => id) : [];
  const gone = [...named].filter((id) => !known.includes(id));
  if (gone.length > 0)
    return anywhere(
      unavailable('not-found', `${gone.join(', ')}, where pods may be, is not shown by EC2`, 'ec2:DescribeSubnets'),
    );
  const covered = new Set([...found, ...nodes.subnets.filter(({ id }) => named.has(id))].flatMap(zoneOf));
  const lacking = nodes.subnets.flatMap(zoneOf).filter((zone) => !covered.has(zone));
  if (lacking.length === 0) return undefined;
  return {
    part: unavailable('undecidable', `${inside}; none of ${lacking[0]} was seen in use`, 'ec2:DescribeInstances'),
    among: nodes.beside.filter((subnet) => zoneOf(subnet).every((zone) => lacking.includes(zone))),
  };
}

const zoneOf = ({ zoneId }: EksSubnet): readonly string[] => (zoneId.state === 'given' ? [zoneId.value] : []);

function unclearVersion(found: readonly EksSubnet[]): Unavailable {
  return unavailable(
    'undecidable',
    `whether the VPC CNI gives pods addresses of ${found.map(({ id }) => id).join(', ')} (tag ${ROLE_TAG}) depends on its version and settings, which are inside the cluster`,
    'eks:DescribeAddon',
  );
}

interface Discovered {
  readonly subnet: EksSubnet;
  readonly certain: boolean;
}

/** Tagged subnets of the nodes' VPC and zones. */
function discoveredSubnets(
  evidence: EksEvidence,
  nodes: NodeSubnets,
  settings: string | Unavailable,
): readonly Discovered[] {
  if (typeof settings === 'string' && settings.includes(DISCOVERY) && cniSwitch(settings, DISCOVERY) === false)
    return [];
  const version = versionOf(evidence);
  const { subnets } = evidence.network;
  const vpcs = new Set(nodes.subnets.map(({ vpcId }) => vpcId));
  const zones = new Set(nodes.subnets.flatMap(zoneOf));
  return (subnets.state === 'collected' ? subnets.value : [])
    .filter((subnet) => vpcs.has(subnet.vpcId) && zoneOf(subnet).every((zone) => zones.has(zone)))
    .flatMap((subnet): readonly Discovered[] => {
      if (version === undefined) return isTagged(subnet, [1, 18, 0], evidence.name) ? [{ subnet, certain: false }] : [];
      return isTagged(subnet, version, evidence.name) ? [{ subnet, certain: typeof settings === 'string' }] : [];
    });
}

type Version = readonly [major: number, minor: number, patch: number];

function versionOf({ addonDescriptions }: EksEvidence): Version | undefined {
  const cni = addonDescriptions.find(({ name }) => name === 'vpc-cni')?.description;
  const text = cni?.state === 'collected' && cni.value.version.state === 'given' ? cni.value.version.value : '';
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/**
 * From 1.18 any value of the tag counts; from 1.22.1 an empty one is no tag, `0` excludes, and a second tag binds the subnet to the clusters that it names.
 * Source: amazon-vpc-cni-k8s, release notes of v1.18.0 and v1.22.1.
 */
function isTagged({ tags }: EksSubnet, version: Version, cluster: string): boolean {
  if (isBefore(version, [1, 18, 0])) return false;
  const tag = tags.find(({ key }) => key === ROLE_TAG);
  if (tag === undefined) return false;
  if (isBefore(version, [1, 22, 1])) return true;
  if (tag.value === '' || tag.value === '0') return false;
  const bound = tags.filter(({ key }) => key.startsWith(CLUSTER_TAG)).map(({ key }) => key.slice(CLUSTER_TAG.length));
  return bound.length === 0 || bound.includes(cluster);
}

function isBefore(version: Version, limit: Version): boolean {
  const [first = 0] = version.flatMap((part, index) => (part === limit[index] ? [] : [part - (limit[index] ?? 0)]));
  return first < 0;
}
