import { describe, expect, test } from 'vitest';
import { eksControls } from '#controls/eks/index.ts';
import { judge } from '#controls/judge.ts';
import type { Collection } from '#domain/collection.ts';
import type { ControlSettings } from '#domain/settings.ts';
import { type Call, ec2, elb, isClassic, json, OWN_ACCOUNT, refusal } from '#estate/aws/wire.ts';
import { context, play, targetIn } from '#test/collectors/aws/harness.ts';
import { cluster, REGION, world } from '#test/collectors/aws/world.ts';

/** The edge cases of EKS networks, from the bytes on the wire to the verdict. What an answer does not carry, no verdict may carry. */

type Answers = NonNullable<NonNullable<Parameters<typeof world>[0]>['answers']>;
type Item = Parameters<typeof ec2>[1];

const PREFIX = `com.amazonaws.${REGION}`;
const OTHER = '222222222222';
const SERVICES = ['ec2', 'ecr.api', 'ecr.dkr', 'sts', 'eks-auth'];

const interfaceOf = (service: string, change: object = {}) => ({
  vpcEndpointId: `vpce-${service}`,
  vpcEndpointType: 'Interface',
  vpcId: 'vpc-1',
  serviceName: `${PREFIX}.${service}`,
  state: 'available',
  privateDnsEnabled: true,
  subnetIdSet: ['subnet-1', 'subnet-2'],
  groupSet: [{ groupId: 'sg-endpoints' }],
  ...change,
});
const s3 = (change: object = {}) => ({
  vpcEndpointId: 'vpce-s3',
  vpcEndpointType: 'Gateway',
  vpcId: 'vpc-1',
  serviceName: `${PREFIX}.s3`,
  state: 'available',
  privateDnsEnabled: false,
  routeTableIdSet: ['rtb-1'],
  ...change,
});
const endpoints = (...list: object[]): Answers => ({
  'ec2:DescribeVpcEndpoints': () => ec2('DescribeVpcEndpoints', { vpcEndpointSet: list } as Item),
});
const withEc2 = (change: object) =>
  endpoints(...SERVICES.map((service) => interfaceOf(service, service === 'ec2' ? change : {})), s3());

const LOCAL = { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' };
const to = (target: object, destination: object = { destinationCidrBlock: '0.0.0.0/0' }) => ({
  ...destination,
  ...target,
  state: 'active',
});
const table = (id: string, routes: object[], change: object = {}) => ({
  routeTableId: id,
  vpcId: 'vpc-1',
  routeSet: [LOCAL, ...routes],
  associationSet: [{ main: true, associationState: { state: 'associated' } }],
  ...change,
});
const tables = (...routeTableSet: object[]): Answers => ({
  'ec2:DescribeRouteTables': () => ec2('DescribeRouteTables', { routeTableSet } as Item),
});
const routes = (...list: object[]) => tables(table('rtb-1', list));
const subnets = (change: object): Answers => ({
  'ec2:DescribeSubnets': () =>
    ec2('DescribeSubnets', {
      subnetSet: ['subnet-1', 'subnet-2'].map((subnetId, index) => ({
        subnetId,
        vpcId: 'vpc-1',
        ownerId: OWN_ACCOUNT,
        availabilityZoneId: `euc1-az${index + 1}`,
        cidrBlock: `10.0.${index}.0/24`,
        availableIpAddressCount: 200,
        mapPublicIpOnLaunch: false,
        ...change,
      })),
    } as Item),
});
const groups = (ipPermissions: object[]): Answers => ({
  'ec2:DescribeSecurityGroups': () =>
    ec2('DescribeSecurityGroups', {
      securityGroupInfo: [
        { groupId: 'sg-endpoints', vpcId: 'vpc-1', ipPermissions },
        { groupId: 'sg-alpha', vpcId: 'vpc-1', ipPermissions: [on443({ groups: [{ groupId: 'sg-alpha' }] })] },
      ],
    } as Item),
});
const on443 = (source: object) => ({ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ...source });
const ranges = (...cidrs: string[]) => on443({ ipRanges: cidrs.map((cidrIp) => ({ cidrIp })) });
const zones = (...names: string[]): Answers => ({
  'route53:ListHostedZonesByVPC': () => ({
    body: `<ListHostedZonesByVPCResponse><HostedZoneSummaries>${names.map((name) => `<HostedZoneSummary><HostedZoneId>Z</HostedZoneId><Name>${name}</Name><Owner><OwningAccount>9</OwningAccount></Owner></HostedZoneSummary>`).join('')}</HostedZoneSummaries><MaxItems>100</MaxItems></ListHostedZonesByVPCResponse>`,
  }),
});
const described = (change: object, network: object = {}): Answers => ({
  'eks:DescribeCluster': ({ params: { name = '' } }: Call) => {
    const usual = cluster(name);
    return json({
      cluster: { ...usual, resourcesVpcConfig: { ...(usual['resourcesVpcConfig'] as object), ...network }, ...change },
    });
  },
});

/** Closed, without self-managed nodes and templates, nothing central. */
const CLOSED: Answers = {
  ...withEc2({}),
  ...routes(),
  ...subnets({}),
  ...groups([ranges('10.0.0.0/16')]),
  ...zones(),
  'ec2:DescribeInstances': () => ec2('DescribeInstances', { reservationSet: [] }),
  'elasticloadbalancing:DescribeLoadBalancers': (call) =>
    elb('DescribeLoadBalancers', { [isClassic(call) ? 'LoadBalancerDescriptions' : 'LoadBalancers']: [] }),
  'ec2:DescribeVpcEndpointServices': () =>
    ec2('DescribeVpcEndpointServices', { serviceNameSet: [...SERVICES, 's3'].map((name) => `${PREFIX}.${name}`) }),
  'eks:DescribeNodegroup': ({ params: { item = '' } }) =>
    json({
      nodegroup: {
        nodegroupName: item,
        subnets: ['subnet-2'],
        instanceTypes: ['m5.large'],
        scalingConfig: { maxSize: 3 },
      },
    }),
  'route53profiles:ListProfileAssociations': () => json({ ProfileAssociations: [] }),
  'route53resolver:ListResolverRuleAssociations': () => json({ ResolverRuleAssociations: [] }),
};

function outcomes(collection: Collection, settings: Readonly<Record<string, ControlSettings>> = {}) {
  return new Map(
    collection.subjects.flatMap((subject) =>
      judge(subject, eksControls, { profile: 'closed', controls: settings }).map(
        ({ control, verdict: { status, reason } }) =>
          [`${subject.resource.name} ${control.id}`, `${status} ${reason}`] as const,
      ),
    ),
  );
}

async function scan(
  answers: Answers,
  options: Parameters<typeof play>[1] = {},
  account = OWN_ACCOUNT,
  clusters = ['alpha'],
) {
  const { provider, server } = await play(world({ clusters, answers: { ...CLOSED, ...answers } }), options);
  const collection = await provider.collect(targetIn(REGION, account), context());
  const said = outcomes(collection);
  return { collection, server, of: (control: string, name = 'alpha') => said.get(`${name} eks-${control}`) };
}

/** One case of a table: what differs, the control, what must be said. */
type Case = readonly [name: string, answers: Answers, control: string, expected: string];

function cases(list: readonly Case[]) {
  test.each(list)('%s', async (_name, answers, control, expected) => {
    expect((await scan(answers)).of(control)).toBe(expected);
  });
}

test('the network that the cases differ from is closed', async () => {
  const { of, collection } = await scan({});
  expect(collection.gaps).toEqual([]);
  for (const control of ['endpoint-public', 'endpoint-private', 'vpc-endpoints', 'node-egress', 'vpc-endpoints-used'])
    expect([control, of(control)]).toEqual([control, 'PASS holds']);
});

describe('1. fields that were not sent', () => {
  const old: Answers = {
    'eks:DescribeCluster': () =>
      json({
        cluster: {
          name: 'alpha',
          status: 'ACTIVE',
          version: '1.10',
          resourcesVpcConfig: { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-alpha'], vpcId: 'vpc-1' },
        },
      }),
  };
  const bare: Answers = { 'eks:DescribeCluster': () => json({ cluster: { name: 'alpha', status: 'ACTIVE' } }) };
  cases([
    ['2018: no endpoint flag', old, 'endpoint-public', 'UNKNOWN absent-field'],
    ['2018: no private flag', old, 'endpoint-private', 'UNKNOWN absent-field'],
    ['2018: no logging', old, 'audit-log', 'UNKNOWN absent-field'],
    ['2018: no group of its own, the additional one stands in', old, 'security-group-ingress', 'PASS holds'],
    ['no resourcesVpcConfig: the API', bare, 'endpoint-public', 'UNKNOWN absent-field'],
    [
      'no resourcesVpcConfig: the nodes',
      { ...bare, 'eks:ListFargateProfiles': () => json({ fargateProfileNames: [] }) },
      'node-egress',
      'UNKNOWN absent-field',
    ],
  ]);
});

describe('2. the public endpoint and its list', () => {
  const open = (publicAccessCidrs?: string[]) =>
    described(
      {},
      {
        endpointPublicAccess: true,
        ...(publicAccessCidrs === undefined ? { publicAccessCidrs: null } : { publicAccessCidrs }),
      },
    );
  cases([
    [
      'off with a stale open list',
      described({}, { publicAccessCidrs: ['0.0.0.0/0'] }),
      'endpoint-public',
      'PASS holds',
    ],
    [
      'off with an empty list, as since 2020',
      described({}, { publicAccessCidrs: [] }),
      'endpoint-public',
      'PASS holds',
    ],
    ['on with an empty list', open([]), 'endpoint-public', 'FAIL public-open'],
    ['on without a list, as in 1.11 and 1.14', open(), 'endpoint-public', 'FAIL public-open'],
    ['on for a range and ::/0', open(['203.0.113.0/24', '::/0']), 'endpoint-public', 'FAIL public-open'],
    ['on for two halves', open(['0.0.0.0/1', '128.0.0.0/1']), 'endpoint-public', 'FAIL public-open'],
    ['on for 132.1.50.0/0', open(['132.1.50.0/0']), 'endpoint-public', 'FAIL public-open'],
  ]);
});

describe('3. kinds and states of clusters', () => {
  cases([
    [
      'connected',
      described({ connectorConfig: { provider: 'OTHER' }, resourcesVpcConfig: null }),
      'endpoint-public',
      'NOT_APPLICABLE connected-cluster',
    ],
    [
      'a local cluster on Outposts',
      described({ outpostConfig: { outpostArns: ['arn'] }, id: 'x' }),
      'node-egress',
      'NOT_APPLICABLE outposts-local-cluster',
    ],
    [
      'a connector that is null is none',
      described({ connectorConfig: null, outpostConfig: null }),
      'endpoint-public',
      'PASS holds',
    ],
    ['CREATING', described({ status: 'CREATING', endpoint: null }), 'endpoint-private', 'UNKNOWN transitional-state'],
    [
      'FAILED with issues',
      described({ status: 'FAILED', health: { issues: [{ code: 'VpcNotFound' }] } }, { endpointPublicAccess: true }),
      'endpoint-public',
      'FAIL public-open',
    ],
    [
      'Auto Mode of 2024, in a VPC without a way out',
      described({ computeConfig: { enabled: true } }),
      'node-egress',
      'PASS holds',
    ],
  ]);

  test('gone between list and description: dropped without a gap; DELETING: no findings', async () => {
    const { collection } = await scan(
      {
        'eks:DescribeCluster': ({ params: { name = '' } }) =>
          name === 'gone'
            ? refusal('eks', 'ResourceNotFoundException', 404)
            : json({ cluster: { ...cluster(name), status: name === 'going' ? 'DELETING' : 'ACTIVE' } }),
      },
      {},
      OWN_ACCOUNT,
      ['alpha', 'gone', 'going'],
    );
    expect(collection.subjects.map(({ resource }) => resource.name)).toEqual(['alpha']);
    expect(collection).toMatchObject({ gaps: [], inventoryComplete: true });
  });

  test('a node group gone between list and description is none', async () => {
    const { collection, of } = await scan({
      'eks:DescribeNodegroup': () => refusal('eks', 'ResourceNotFoundException', 404),
    });
    expect(collection.gaps).toEqual([]);
    expect(of('node-egress')).toBe('PASS holds');
  });
});

describe('4. the effective route table', () => {
  const foreign = table('rtb-9', [to({ gatewayId: 'igw-9' })], { vpcId: 'vpc-9' });
  const own = (id: string, subnetId: string, list: object[]) =>
    table(id, list, { associationSet: [{ subnetId, main: false, associationState: { state: 'associated' } }] });
  cases([
    [
      'no association: the main table of its own VPC, not of another in the same answer',
      tables(foreign, table('rtb-1', [])),
      'node-egress',
      'PASS holds',
    ],
    [
      'no association: its own main table is open',
      tables(foreign, table('rtb-1', [to({ gatewayId: 'igw-1' })])),
      'node-egress',
      'FAIL internet-route',
    ],
    [
      'an association of its own beats an open main table',
      tables(table('rtb-1', [to({ gatewayId: 'igw-1' })]), own('rtb-a', 'subnet-1', []), own('rtb-b', 'subnet-2', [])),
      'node-egress',
      'PASS holds',
    ],
    [
      'an association on its way: neither table is in force for certain',
      tables(
        table('rtb-1', []),
        table('rtb-a', [to({ gatewayId: 'igw-1' })], {
          associationSet: [{ subnetId: 'subnet-1', associationState: { state: 'associating' } }],
        }),
      ),
      'node-egress',
      'UNKNOWN transitional-state',
    ],
    ['no main table of its own VPC', tables(foreign), 'node-egress', 'UNKNOWN absent-field'],
  ]);
});

describe('5. ways out', () => {
  const nat = (connectivityType: string): Answers => ({
    'ec2:DescribeNatGateways': () =>
      ec2('DescribeNatGateways', {
        natGatewaySet: [{ natGatewayId: 'nat-1', state: 'available', subnetId: 'subnet-1', connectivityType }],
      }),
  });
  const NAT = { natGatewayId: 'nat-1' };
  const blocked = subnets({ blockPublicAccessStates: { internetGatewayBlockMode: 'block-bidirectional' } });
  const excluded = (resourceArn: string): Answers => ({
    'ec2:DescribeVpcBlockPublicAccessExclusions': () =>
      ec2('DescribeVpcBlockPublicAccessExclusions', {
        vpcBlockPublicAccessExclusionSet: [
          { resourceArn, internetGatewayExclusionMode: 'allow-egress', state: 'create-complete' },
        ],
      }),
  });
  const IGW = routes(to({ gatewayId: 'igw-1' }));
  cases([
    ['private NAT only', { ...routes(to(NAT)), ...nat('private') }, 'node-egress', 'PASS holds'],
    ['an internet gateway behind Block Public Access', { ...IGW, ...blocked }, 'node-egress', 'PASS holds'],
    [
      'and the subnet excluded for egress',
      { ...IGW, ...blocked, ...excluded(`arn:aws:ec2:${REGION}:1:subnet/subnet-2`) },
      'node-egress',
      'FAIL internet-route',
    ],
    [
      'a blackhole',
      routes({ destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'blackhole' }),
      'node-egress',
      'PASS holds',
    ],
    [
      'a split default to NAT',
      {
        ...routes(to(NAT, { destinationCidrBlock: '0.0.0.0/1' }), to(NAT, { destinationCidrBlock: '128.0.0.0/1' })),
        ...nat('public'),
      },
      'node-egress',
      'FAIL internet-route',
    ],
    ['a transit gateway', routes(to({ transitGatewayId: 'tgw-1' })), 'node-egress', 'UNKNOWN undecidable'],
    [
      'IPv6 by an egress-only gateway',
      routes(to({ egressOnlyInternetGatewayId: 'eigw-1' }, { destinationIpv6CidrBlock: '::/0' })),
      'node-egress',
      'FAIL internet-route',
    ],
  ]);
});

describe('6. states and names of endpoints', () => {
  cases([
    ['Available', withEc2({ state: 'Available' }), 'vpc-endpoints', 'PASS holds'],
    ['available', withEc2({ state: 'available' }), 'vpc-endpoints', 'PASS holds'],
    ['pendingAcceptance', withEc2({ state: 'pendingAcceptance' }), 'vpc-endpoints', 'FAIL wrong-state'],
    ['only ec2messages', withEc2({ serviceName: `${PREFIX}.ec2messages` }), 'vpc-endpoints', 'FAIL missing'],
    ['the FIPS twin', withEc2({ serviceName: `${PREFIX}.ec2-fips` }), 'vpc-endpoints', 'UNKNOWN undecidable'],
    ['in another VPC', withEc2({ vpcId: 'vpc-9' }), 'vpc-endpoints', 'FAIL missing'],
    ['requester-managed', withEc2({ requesterManaged: true }), 'vpc-endpoints', 'FAIL missing'],
  ]);

  test('China mixes prefixes', async () => {
    const inChina = (service: string) =>
      interfaceOf(service, { serviceName: `cn.com.amazonaws.cn-north-1.${service}` });
    const { provider } = await play(
      world({
        answers: {
          ...CLOSED,
          ...endpoints(...SERVICES.map(inChina), s3({ serviceName: 'com.amazonaws.cn-north-1.s3' })),
        },
      }),
    );
    const target = { ...targetIn('cn-north-1'), details: { partition: 'aws-cn' } };
    const said = outcomes(await provider.collect(target, context()));
    expect(said.get('alpha eks-vpc-endpoints')).toBe('PASS holds');
  });
});

describe('7. the endpoint for S3', () => {
  const others = SERVICES.map((service) => interfaceOf(service));
  const two = tables(
    table('rtb-1', []),
    table('rtb-2', [], { associationSet: [{ subnetId: 'subnet-2', associationState: { state: 'associated' } }] }),
  );
  const inbound = interfaceOf('s3', { dnsOptions: { privateDnsOnlyForInboundResolverEndpoint: true } });

  test('a gateway on one of two node route tables fails and names the subnet', async () => {
    const { collection } = await scan(two);
    const [subject] = collection.subjects;
    const verdict =
      subject &&
      judge(subject, eksControls, { profile: 'closed', controls: {} }).find(
        ({ control }) => control.id === 'eks-vpc-endpoints',
      )?.verdict;
    expect(verdict).toMatchObject({
      status: 'FAIL',
      reason: 'route-table-not-associated',
      message: expect.stringContaining('subnet-2'),
    });
  });

  cases([
    ['an interface with private DNS', endpoints(...others, interfaceOf('s3')), 'vpc-endpoints', 'PASS holds'],
    [
      'an interface for the inbound resolver only',
      endpoints(...others, inbound),
      'vpc-endpoints',
      'FAIL private-dns-inbound-only',
    ],
    ['the same beside a gateway', endpoints(...others, inbound, s3()), 'vpc-endpoints', 'PASS holds'],
  ]);
});

describe('8. port 443 from the nodes', () => {
  cases([
    ['one of two ranges', groups([ranges('10.0.0.0/24')]), 'vpc-endpoints', 'FAIL port-443-closed'],
    ['a /16 above both', groups([ranges('10.0.0.0/16')]), 'vpc-endpoints', 'PASS holds'],
    [
      'halves of each',
      groups([ranges('10.0.0.0/25', '10.0.0.128/25', '10.0.1.0/25', '10.0.1.128/25')]),
      'vpc-endpoints',
      'PASS holds',
    ],
    ['the group of the cluster', groups([on443({ groups: [{ groupId: 'sg-alpha' }] })]), 'vpc-endpoints', 'PASS holds'],
    ['nobody', groups([]), 'vpc-endpoints', 'FAIL port-443-closed'],
    [
      'an endpoint in one of two zones is no matter of reach',
      withEc2({ subnetIdSet: ['subnet-1'] }),
      'vpc-endpoints',
      'PASS holds',
    ],
  ]);
});

describe('9. networks and endpoints that belong to others', () => {
  const shared = subnets({ ownerId: OTHER });
  const noEc2 = endpoints(...SERVICES.slice(1).map((service) => interfaceOf(service)), s3());
  const role = { roleName: 'Scanner', externalId: 'ext-id' };

  test('a shared VPC whose owner is in scope is read there', async () => {
    const { of, server } = await scan(shared, { accounts: [OWN_ACCOUNT, OTHER], ...role });
    expect(of('vpc-endpoints')).toBe('PASS holds');
    expect(server.calls.find(({ api }) => api === 'ec2:DescribeVpcEndpoints')?.account).toBe(OTHER);
  });

  test('a shared VPC whose owner is not in scope is not scanned', async () => {
    const { of } = await scan(shared, { accounts: [OWN_ACCOUNT], ...role });
    expect([of('vpc-endpoints'), of('node-egress')]).toEqual(['UNKNOWN not-scanned', 'UNKNOWN not-scanned']);
  });

  cases([
    ['a central zone', { ...noEc2, ...zones(`ec2.${REGION}.amazonaws.com.`) }, 'vpc-endpoints', 'UNKNOWN undecidable'],
    ['no zone', noEc2, 'vpc-endpoints', 'FAIL missing'],
    [
      'a Route 53 Profile',
      {
        ...noEc2,
        'route53profiles:ListProfileAssociations': () =>
          json({ ProfileAssociations: [{ ProfileId: 'rp-1', ResourceId: 'vpc-1' }] }),
        'route53profiles:ListProfileResourceAssociations': () =>
          json({ ProfileResourceAssociations: [{ ResourceArn: 'arn:aws:ec2:r:9:vpc-endpoint/vpce-9' }] }),
      },
      'vpc-endpoints',
      'UNKNOWN undecidable',
    ],
  ]);
});

describe('10. what the cluster uses', () => {
  const noAuth = endpoints(...SERVICES.slice(0, -1).map((service) => interfaceOf(service)), s3());
  cases([
    ['Pod Identity without eks-auth', noAuth, 'vpc-endpoints-used', 'FAIL missing'],
    [
      'nothing further',
      {
        ...noAuth,
        'eks:ListPodIdentityAssociations': () => json({ associations: [] }),
        'eks:ListFargateProfiles': () => json({ fargateProfileNames: [] }),
      },
      'vpc-endpoints-used',
      'NOT_APPLICABLE not-used',
    ],
    [
      'associations could not be listed',
      { 'eks:ListPodIdentityAssociations': () => refusal('eks', 'AccessDeniedException', 403) },
      'vpc-endpoints-used',
      'UNKNOWN denied',
    ],
    [
      'instanceTypes null: the template has the type',
      {
        'eks:DescribeNodegroup': () =>
          json({
            nodegroup: {
              nodegroupName: 'workers',
              subnets: ['subnet-2'],
              instanceTypes: null,
              scalingConfig: { maxSize: 3 },
              launchTemplate: { id: 'lt-1', version: '3' },
            },
          }),
        'ec2:DescribeLaunchTemplateVersions': () =>
          ec2('DescribeLaunchTemplateVersions', {
            launchTemplateVersionSet: [{ launchTemplateData: { instanceType: 'm5.2xlarge' } }],
          }),
        'ec2:DescribeInstanceTypes': () =>
          ec2('DescribeInstanceTypes', {
            instanceTypeSet: [
              {
                instanceType: 'm5.2xlarge',
                networkInfo: { maximumNetworkInterfaces: 4, ipv4AddressesPerInterface: 15 },
              },
            ],
          }),
      },
      'pod-capacity',
      'PASS holds',
    ],
    [
      'hybrid nodes with both endpoints on',
      described(
        { remoteNetworkConfig: { remoteNodeNetworks: [{ cidrs: ['10.200.0.0/16'] }] } },
        { endpointPublicAccess: true, publicAccessCidrs: ['203.0.113.0/24'] },
      ),
      'endpoint-public',
      'FAIL hybrid-both-endpoints',
    ],
  ]);
});

describe('11. scale and refusals', () => {
  test('101 clusters on two pages, the first one after an empty page with a token', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `c${index}`);
    const pages = new Map([
      [undefined, { clusters: [], nextToken: 'one' }],
      ['one', { clusters: names.slice(0, 100), nextToken: 'two' }],
      ['two', { clusters: names.slice(100) }],
    ]);
    const { collection, of } = await scan({ 'eks:ListClusters': ({ params }) => json(pages.get(params['nextToken'])) });
    expect(collection.subjects).toHaveLength(101);
    expect(of('endpoint-public', 'c100')).toBe('PASS holds');
  });

  test('one region throttled to exhaustion costs that region alone', async () => {
    const { provider } = await play(
      world({
        answers: {
          ...CLOSED,
          'eks:ListClusters': ({ region, service }) =>
            region === 'ap-south-1' ? refusal(service, 'ThrottlingException', 429) : undefined,
        },
      }),
    );
    expect(await provider.collect(targetIn('ap-south-1'), context())).toMatchObject({
      inventoryComplete: false,
      subjects: [],
      gaps: [{ reason: 'throttled', api: 'eks:ListClusters' }],
    });
    expect(await provider.collect(targetIn(REGION), context())).toMatchObject({ inventoryComplete: true, gaps: [] });
  });

  test('accounts by State, by Status, closing and closed', async () => {
    const { provider } = await play(
      world({
        answers: {
          'organizations:ListAccounts': () =>
            json({
              Accounts: [
                { Id: OWN_ACCOUNT, State: 'ACTIVE' },
                { Id: OTHER, Status: 'ACTIVE' },
                { Id: '333333333333', Status: 'SUSPENDED' },
                { Id: '444444444444', State: 'PENDING_CLOSURE' },
              ],
            }),
        },
      }),
      { organization: true, regions: [REGION], roleName: 'Scanner', externalId: 'x1' },
    );
    const { targets } = await provider.plan(context());
    expect(targets.map(({ target, skipped }) => [target.account, skipped])).toEqual([
      [OWN_ACCOUNT, undefined],
      [OTHER, undefined],
      ['333333333333', 'the account is SUSPENDED'],
      ['444444444444', 'the account is PENDING_CLOSURE'],
    ]);
  });

  cases([
    ['controlPlaneEgressMode absent', {}, 'control-plane-egress', 'UNKNOWN absent-field'],
    [
      'controlPlaneEgressMode of 2026',
      described({}, { controlPlaneEgressMode: 'CUSTOMER_ROUTED' }),
      'control-plane-egress',
      'PASS holds',
    ],
    [
      'controlPlaneEgressMode nobody knows',
      described({}, { controlPlaneEgressMode: 'CUSTOMER_ISOLATED' }),
      'control-plane-egress',
      'UNKNOWN unrecognised-value',
    ],
  ]);
});
