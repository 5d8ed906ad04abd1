import { iksControls } from '#controls/iks/index.ts';
import { judge } from '#controls/judge.ts';
import { ABSENT, collected, type Field, given, unavailable } from '#domain/collected.ts';
import type {
  IbmAccountEvidence,
  IksCluster,
  IksEvidence,
  IksRoute,
  IksSecurityGroup,
  IksSubnet,
  IksVpcLoadBalancer,
} from '#domain/evidence/ibm.ts';
import type { Profile, Settings } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';

const source = (api: string) => ({ api, at: '2026-11-01T00:00:00.000Z' });
export const PRIVATE = 'https://c1.private.jp-tok.containers.cloud.ibm.com:28679';
export const PUBLIC = 'https://c1.jp-tok.containers.cloud.ibm.com:28679';
export const denied = (api: string) => unavailable('denied', 'HTTP 403: not authorized', api);

export function account(changes: Partial<IbmAccountEvidence> = {}): IbmAccountEvidence {
  return {
    accountId: 'acc',
    classicLink: collected({ link: 'linked', id: '999999' }, source('account:read')),
    privateEndpointService: collected('true', source('classic:isConnectedToPrivateEndpointService')),
    attestation: unavailable('not-found', 'nobody has attested the account', 'attestation'),
    clusterProviders: collected(['classic'], source('containers:getClusters')),
    ...changes,
  };
}

export function cluster(changes: Partial<IksCluster> = {}): IksCluster {
  return {
    state: given('normal'),
    masterState: given('deployed'),
    provider: given('classic'),
    type: given('kubernetes'),
    region: given('jp-tok'),
    resourceGroup: given('rg-1'),
    nestedPrivate: given(true),
    flatPrivate: ABSENT,
    nestedPrivateUrl: given(PRIVATE),
    flatPrivateUrl: ABSENT,
    nestedPublic: given(false),
    flatPublic: ABSENT,
    nestedPublicUrl: given(''),
    flatPublicUrl: ABSENT,
    masterUrl: given(PRIVATE),
    serverUrl: ABSENT,
    networkPlugin: given('Calico'),
    ...changes,
  };
}

/** Closed in every respect, on classic infrastructure. */
export function evidence(changes: Partial<IksEvidence> = {}, of: Partial<IksCluster> = {}): IksEvidence {
  return {
    id: 'c1',
    name: 'prod',
    list: 'classic',
    cluster: collected(cluster(of), source('containers:getCluster')),
    account: account(),
    workers: collected([worker('-', '')], source('containers:getWorkers')),
    subnets: unavailable('not-found', 'classic workers have no VPC subnets', 'vpc:getSubnet'),
    loadBalancers: collected(
      [{ id: 'private-cr1', type: given('private'), enabled: given(true) }],
      source('containers:getAlbs'),
    ),
    securityGroups: unavailable('not-found', 'classic workers have no VPC security groups', 'vpc:listSecurityGroups'),
    vpcLoadBalancers: unavailable('not-found', 'classic workers have no VPC load balancers', 'vpc:listLoadBalancers'),
    vlanSpanning: unavailable(
      'not-scanned',
      'not asked where all workers stand in one VLAN',
      'containers:getVlanSpanning',
    ),
    auditWebhook: collected({ webhook: 'set', server: 'https://audit' }, source('containers:getAuditWebhook')),
    restrictions: collected([rule()], source('cbr:listRules')),
    reachability: { state: 'not-configured' },
    ...changes,
  };
}

type Rule = Extract<IksEvidence['restrictions'], { state: 'collected' }>['value'][number];

export function rule(changes: Partial<Rule> = {}): Rule {
  return {
    id: 'r1',
    enforcement: 'enabled',
    coversClusterApi: true,
    endpointTypes: [],
    admits: { who: 'some' },
    scopes: [],
    ...changes,
  };
}

type Worker = Extract<IksEvidence['workers'], { state: 'collected' }>['value'][number];

export function worker(publicAddress: string, publicVlan: string, changes: Partial<Worker> = {}): Worker {
  const field = (value: string): Field<string> => given(value);
  return {
    id: 'w1',
    publicAddress: field(publicAddress),
    publicVlan: field(publicVlan),
    privateVlan: field('1001'),
    zone: field('tok02'),
    subnetIds: [],
    addresses: [],
    addressesTold: false,
    ...changes,
  };
}

export const VPC = 'r006-11111111-2222-4333-8444-555555555555';

/** A worker subnet without a way out. */
export function subnet(changes: Partial<IksSubnet> = {}): IksSubnet {
  return {
    id: 's1',
    vpc: { told: 'yes', value: VPC },
    zone: { told: 'yes', value: 'jp-tok-1' },
    gateway: { attached: 'no' },
    routes: collected([], source('vpc:listRoutes')),
    ...changes,
  };
}

export function collectedRoutes(routes: readonly IksRoute[]): IksSubnet['routes'] {
  return collected([...routes], source('vpc:listRoutes'));
}

/** A default route of the subnet's zone to an appliance. */
export function route(changes: Partial<IksRoute> = {}): IksRoute {
  return {
    name: 'egress',
    destination: given('0.0.0.0/0'),
    action: given('deliver'),
    zone: { told: 'yes', value: 'jp-tok-1' },
    priority: given(2),
    hop: { kind: 'address', address: '10.240.64.4', floating: { held: 'no' } },
    ...changes,
  };
}

/** The workers' own group with outbound rules for these ranges. */
export function group(ranges: readonly string[], changes: Partial<IksSecurityGroup> = {}): IksSecurityGroup {
  const rules = ranges.map((range) => ({ protocol: 'all', remote: { kind: 'range' as const, range } }));
  return {
    id: 'sg1',
    name: 'kube-c1',
    workers: 'yes',
    outbound: collected(rules, source('vpc:listSecurityGroups')),
    ...changes,
  };
}

/** What outbound traffic protection leaves. */
export const PROTECTED = ['10.240.0.0/16', '172.17.0.0/18', '161.26.0.0/16', '166.8.0.0/14', '169.254.169.254'];

export function balancer(changes: Partial<IksVpcLoadBalancer> = {}): IksVpcLoadBalancer {
  return {
    id: 'lb1',
    name: 'kube-c1-0f5b7c0e7d5c4f1c8d1f2a3b4c5d6e7f',
    isPublic: given(true),
    hostname: { told: 'yes', value: '0f5b7c0e-jp-tok.lb.appdomain.cloud' },
    addresses: ['203.0.113.150'],
    belongs: { by: 'name' },
    ...changes,
  };
}

interface VpcParts {
  readonly subnets?: readonly IksSubnet[];
  readonly groups?: readonly IksSecurityGroup[];
  readonly balancers?: readonly IksVpcLoadBalancer[];
}

/** Closed in every respect, on VPC. */
export function onVpcWith({
  subnets = [subnet()],
  groups = [group(PROTECTED)],
  balancers = [],
}: VpcParts): IksEvidence {
  return {
    ...onVpc('no'),
    subnets: collected([...subnets], source('vpc:getSubnet')),
    securityGroups: collected([...groups], source('vpc:listSecurityGroups')),
    vpcLoadBalancers: collected([...balancers], source('vpc:listLoadBalancers')),
  };
}

/** With a gateway the workers' group lets everything out. */
export function onVpc(gateway: 'yes' | 'no', of: Partial<IksCluster> = {}): IksEvidence {
  const attached = gateway === 'yes' ? { attached: gateway, id: 'pgw-1' } : { attached: gateway };
  return evidence(
    {
      list: 'vpc',
      workers: collected(
        [worker('-', '', { subnetIds: ['s1'], addresses: ['10.240.0.4'], addressesTold: true })],
        source('containers:getWorkers'),
      ),
      subnets: collected([subnet({ gateway: attached })], source('vpc:getSubnet')),
      securityGroups: collected([group(['0.0.0.0/0'])], source('vpc:listSecurityGroups')),
      vpcLoadBalancers: collected([], source('vpc:listLoadBalancers')),
      vlanSpanning: unavailable('not-found', 'a VPC has no VLANs', 'containers:getVlanSpanning'),
    },
    {
      provider: given('vpc-gen2'),
      nestedPrivateUrl: given('https://c8k2p1rt0d5vq3m7n4sa.vpe.private.jp-tok.containers.cloud.ibm.com:31222'),
      ...of,
    },
  );
}

export function verdictOf(
  control: string,
  subject: IksEvidence | IbmAccountEvidence,
  profile: Profile = 'closed',
  settings: Omit<Settings, 'profile' | 'controls'> & Partial<Pick<Settings, 'controls'>> = {},
): Verdict {
  const kind = 'cluster' in subject ? 'iks' : 'ibm-account';
  const resource = {
    uid: 'u',
    type: 'ibm.iks.cluster' as const,
    provider: 'ibm' as const,
    account: 'acc',
    region: '',
    name: 'prod',
  };
  const judged = judge({ kind, resource, evidence: subject }, iksControls, { profile, controls: {}, ...settings });
  const found = judged.find((entry) => entry.control.id === control);
  if (found === undefined) throw new Error(`${control} did not judge`);
  return found.verdict;
}

export function brief({ status, reason }: Verdict): string {
  return `${status} ${reason}`;
}
