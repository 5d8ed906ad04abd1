import { isArmType, parseArmId } from './arm-id.ts';
import { consoleOf, partitionOfArn } from './aws-partition.ts';
import { PROVIDERS, type Provider } from './target.ts';

/** The branches of the state machine: each needs a list, an empty one too. */
export const BRANCHES = ['aws', 'azure', 'ibm', 'kubernetes'] as const;
export type Branch = (typeof BRANCHES)[number];

/** What a target's id names: all that a list of accounts holds, one account whole, or something that is read. */
export type TargetScope = 'everything' | 'account' | 'part';

/** The ids by which somebody names a way out of a network in `centralEgress`. */
export interface EgressIds {
  readonly account: RegExp;
  readonly network: RegExp;
  /** What tells ids apart, once their spelling does not matter any more. */
  readonly same: (id: string) => string;
  readonly expected: string;
}

export interface ClusterId {
  readonly account?: string;
  readonly region?: string;
  readonly name: string;
}

/** The resource that a link is wanted to. */
export interface Linked {
  readonly uid: string;
  readonly type: string;
  readonly region: string;
}

/** What differs by provider, apart from its collector, its controls and its section of ringfence.yaml. */
export interface ProviderFacts {
  readonly name: string;
  /** Heading in docs/controls.md. */
  readonly chapter: string;
  readonly branch: Branch;
  /** What to do where a scan finds no credentials; empty where each target has its own in ringfence.yaml. */
  readonly credentialsHint: string;
  readonly resourceTypes: readonly string[];
  readonly scopeOf: (targetId: string) => TargetScope;
  /** Whether a uid is one of this provider's own. */
  readonly ownsUid: (uid: string) => boolean;
  /** Takes a cluster's uid apart; undefined for uids of others. */
  readonly clusterOf: (uid: string) => ClusterId | undefined;
  /** The one spelling of a uid that is stored. */
  readonly normalUid: (uid: string) => string;
  /** Undefined where its networks lead nowhere that the role would not see. */
  readonly egressIds: EgressIds | undefined;
  /** Where people look at the resource; undefined where there is no such page. */
  readonly consoleLink: (resource: Linked) => string | undefined;
}

const VNET = 'Microsoft.Network/virtualNetworks';
const MANAGED_CLUSTER = 'Microsoft.ContainerService/managedClusters';
const asWritten = (text: string) => text;

const FACTS = {
  aws: {
    name: 'AWS',
    chapter: 'AWS, EKS',
    branch: 'aws',
    credentialsHint: 'set AWS_PROFILE, AWS_ACCESS_KEY_ID, or run where a role is attached',
    resourceTypes: ['aws.eks.cluster'],
    scopeOf: (id) => (id === 'aws:organization' ? 'everything' : /^aws:\d{12}$/.test(id) ? 'account' : 'part'),
    ownsUid: (uid) => eksCluster(uid) !== undefined,
    clusterOf: eksCluster,
    normalUid: asWritten,
    egressIds: {
      account: /^\d{12}$/,
      network: /^vpc-[0-9a-z]+$/,
      same: asWritten,
      expected: 'expected an account id (12 digits, in quotes), a VPC id, the ARN or the name of a cluster, or all',
    },
    consoleLink: ({ uid }) => {
      const { region, name } = eksCluster(uid) ?? {};
      const console = consoleOf(partitionOfArn(uid) ?? '');
      if (console === undefined || region === undefined || name === undefined) return undefined;
      return `https://${region}.${console}/eks/clusters/${encodeURIComponent(name)}?region=${region}`;
    },
  },
  azure: {
    name: 'Azure',
    chapter: 'Azure, AKS',
    branch: 'azure',
    credentialsHint: 'az login, set AZURE_CLIENT_ID and its companions, or name a credential under azure.tenants',
    resourceTypes: ['azure.aks.cluster'],
    scopeOf: (id) => (id.startsWith('azure:tenant:') ? 'everything' : 'part'),
    ownsUid: (uid) => parseArmId(uid) !== undefined,
    clusterOf: aksCluster,
    // ARM ids are the same in any case, and people copy them in any.
    normalUid: (uid) => uid.toLowerCase(),
    egressIds: {
      account: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
      network:
        /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/i,
      same: virtualNetworkOf,
      expected: "expected a subscription id, the ARM id of a virtual network or of a cluster, a cluster's name, or all",
    },
    consoleLink: ({ uid, region }) =>
      aksCluster(uid) === undefined ? undefined : `https://${portalOf(region)}/#resource${encodeURI(uid)}/overview`,
  },
  ibm: {
    name: 'IBM Cloud',
    chapter: 'IBM Cloud, IKS and OpenShift',
    branch: 'ibm',
    credentialsHint: '',
    resourceTypes: ['ibm.iks.cluster', 'ibm.account'],
    scopeOf: (id) => (id.startsWith('ibm:enterprise:') ? 'everything' : 'part'),
    ownsUid: (uid) => uid.startsWith('ibm:'),
    clusterOf: iksCluster,
    normalUid: asWritten,
    egressIds: {
      account: /^[0-9a-f]{32}$/,
      network: /^([a-z0-9]{4}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      same: (id) => iksCluster(id)?.name ?? id,
      expected: 'expected an account id, a VPC id, the id or the name of a cluster, or all',
    },
    consoleLink: ({ uid, type }) => {
      const cluster = iksCluster(uid);
      if (cluster !== undefined)
        return `https://cloud.ibm.com/kubernetes/clusters/${encodeURIComponent(cluster.name)}/overview`;
      return type === 'ibm.account' ? 'https://cloud.ibm.com/account/settings' : undefined;
    },
  },
  kubernetes: {
    name: 'Kubernetes',
    chapter: 'Kubernetes, from inside the cluster',
    branch: 'kubernetes',
    credentialsHint: '',
    resourceTypes: ['kubernetes.cluster'],
    scopeOf: () => 'part',
    ownsUid: (uid) => uid.startsWith('kubernetes:'),
    clusterOf: () => undefined,
    normalUid: asWritten,
    egressIds: undefined,
    consoleLink: () => undefined,
  },
  kubespray: {
    name: 'Kubespray',
    chapter: 'Kubespray inventories',
    // Inventories are scanned where clusters are.
    branch: 'kubernetes',
    credentialsHint: '',
    resourceTypes: ['kubespray.inventory'],
    scopeOf: () => 'part',
    ownsUid: (uid) => uid.startsWith('kubespray:'),
    clusterOf: () => undefined,
    normalUid: asWritten,
    egressIds: undefined,
    consoleLink: () => undefined,
  },
} as const satisfies Readonly<Record<Provider, ProviderFacts>>;

export const PROVIDER_FACTS: Readonly<Record<Provider, ProviderFacts>> = FACTS;

type Facts = typeof FACTS;

/** What each provider's findings are about. */
export type ProviderResourceType = Facts[keyof Facts]['resourceTypes'][number];

/** The clouds whose networks lead on to places that the role does not see. */
export type EgressCloud = { [P in keyof Facts]: Facts[P]['egressIds'] extends undefined ? never : P }[keyof Facts];
export const EGRESS_CLOUDS: readonly EgressCloud[] = PROVIDERS.filter(isEgressCloud);

function isEgressCloud(provider: Provider): provider is EgressCloud {
  return PROVIDER_FACTS[provider].egressIds !== undefined;
}

export function egressIdsOf(cloud: EgressCloud): EgressIds {
  return FACTS[cloud].egressIds;
}

const EKS_ARN = /^arn:[a-z-]+:eks:(?<region>[a-z0-9-]+):(?<account>\d{12}):cluster\/(?<name>[\w-]+)$/;

function eksCluster(uid: string): ClusterId | undefined {
  const { region, account, name } = EKS_ARN.exec(uid)?.groups ?? {};
  return region === undefined || account === undefined || name === undefined ? undefined : { account, region, name };
}

function aksCluster(uid: string): ClusterId | undefined {
  if (!isArmType(uid, MANAGED_CLUSTER)) return undefined;
  const { subscription = '', path } = parseArmId(uid) ?? {};
  return { account: subscription, name: path?.[0]?.name ?? '' };
}

/** A subnet is part of its network. */
function virtualNetworkOf(id: string): string {
  const lower = id.toLowerCase();
  const { path = [], type = '' } = parseArmId(lower) ?? {};
  const [network, inside] = path;
  return type === VNET.toLowerCase() && network !== undefined && inside?.type === 'subnets'
    ? lower.slice(0, lower.length - `/subnets/${inside.name}`.length)
    : lower;
}

/** The portal of the cloud that a region belongs to. Source: Azure documentation, sovereign clouds. */
function portalOf(region: string): string {
  if (region.startsWith('usgov') || region.startsWith('usdod')) return 'portal.azure.us';
  return region.startsWith('china') ? 'portal.azure.cn' : 'portal.azure.com';
}

const IKS_UID = 'ibm:cluster:';

function iksCluster(uid: string): ClusterId | undefined {
  return uid.startsWith(IKS_UID) ? { name: uid.slice(IKS_UID.length) } : undefined;
}

/** The provider that a uid belongs to: the cloud's, where a cluster is read from inside. */
export function ownerOf(uid: string): Provider | undefined {
  return PROVIDERS.find((provider) => PROVIDER_FACTS[provider].ownsUid(uid));
}

/** Whether a uid is that of a cluster of some cloud. */
export function isClusterUid(uid: string): boolean {
  return PROVIDERS.some((provider) => PROVIDER_FACTS[provider].clusterOf(uid) !== undefined);
}

/** The stored spelling of a uid that somebody wrote, whichever provider's it is. */
export function normalUid(written: string): string {
  const owner = ownerOf(written);
  return owner === undefined ? written : PROVIDER_FACTS[owner].normalUid(written);
}

/** Where people look at a resource: at its cloud, where a cluster was read from inside. */
export function consoleLinkOf(resource: Linked & { readonly provider: Provider }): string | undefined {
  return PROVIDER_FACTS[ownerOf(resource.uid) ?? resource.provider].consoleLink(resource);
}
