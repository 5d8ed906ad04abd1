import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksNetwork, EksRoute, EksSubnet } from '#domain/evidence/eks-network.ts';
import {
  addon,
  cluster,
  denied,
  ENDPOINTS,
  endpoint,
  endpointsWith,
  evidence,
  instance,
  LOCAL,
  natGateway,
  network,
  networkInterface,
  nodeGroup,
  outcome,
  REGION,
  read,
  route,
  subnet,
  table,
  template,
  verdictOf,
  vpc,
} from './builders.ts';

/** Situations of the field around nodes, pods and what stands between them and the internet. */

const EGRESS = 'eks-node-egress';
const ENDPOINTS_ID = 'eks-vpc-endpoints';
const DEFAULT = '0.0.0.0/0';
const IGW = route(DEFAULT, 'internet-gateway', 'igw-1');
const NAT = route(DEFAULT, 'nat-gateway', 'nat-1');

/** Node subnets 1 and 2 with routes of their own, and subnet 9 beside them with its own table. */
function vpcWith(
  routes: readonly EksRoute[],
  beside: readonly EksRoute[] = [],
  change: Partial<EksNetwork> = {},
  ninth: Partial<EksSubnet> = {},
): EksNetwork {
  return network({
    vpcs: read([
      vpc({
        routeTables: read([
          table({ routes: [LOCAL, ...routes] }),
          table({ id: 'rtb-9', main: false, subnetIds: ['subnet-9'], routes: [LOCAL, ...beside] }),
        ]),
      }),
    ]),
    subnets: read([subnet(1), subnet(2), subnet(9, { zoneId: given('apne1-az1'), ...ninth })]),
    natGateways: read([natGateway('nat-1', 'public', 'subnet-9')]),
    ...change,
  });
}

describe('subnets of the control plane alone', () => {
  const four = { cluster: read(cluster({ subnetIds: given(['subnet-1', 'subnet-2', 'subnet-9']) })) };
  const outer = vpcWith([], [IGW]);

  test('are no node subnets, where groups, profiles and instances name others', () => {
    const of = evidence({ ...four, network: outer });
    expect(outcome(EGRESS, of)).toBe('PASS holds');
    expect(verdictOf(EGRESS, of).proof.map(({ line }) => line)).toContain(
      "subnet-9: the control plane's alone, no node group, profile or instance is there",
    );
  });

  test.each([
    [
      'a node group names one',
      { nodeGroups: read([read(nodeGroup({ subnetIds: given(['subnet-9']) }))]) },
      'FAIL internet-route',
    ],
    ['an instance is in one', { instances: read([instance({ subnetId: 'subnet-9' })]) }, 'FAIL internet-route'],
    ['nothing names any subnet', { nodeGroups: read<never[]>([]) }, 'FAIL internet-route'],
    ['instances were not read', { instances: denied() }, 'FAIL internet-route'],
    [
      'Auto Mode is on',
      { cluster: read(cluster({ subnetIds: given(['subnet-9']), autoMode: given(true) })) },
      'FAIL internet-route',
    ],
  ] as const)('count where %s', (_case, change, expected) => {
    expect(outcome(EGRESS, evidence({ ...four, network: outer, ...change }))).toBe(expected);
  });

  test('with nodes of Karpenter the message says which subnets were judged', () => {
    const of = evidence({ ...four, network: outer, instances: read([instance({ nodePool: given('general') })]) });
    expect(verdictOf(EGRESS, of)).toMatchObject({
      status: 'PASS',
      message: expect.stringMatching(/judged: subnet-1, subnet-2\. Karpenter \(node pool general\) may use others$/),
    });
  });
});

describe('subnets of pods', () => {
  const custom = (env: string, change: Partial<EksEvidence> = {}, routes: readonly EksRoute[] = [NAT]) =>
    evidence({
      network: vpcWith([], routes),
      instances: read([
        instance({
          interfaces: [
            { subnetId: 'subnet-1', index: given(0), groupIds: ['sg-cluster'] },
            { subnetId: 'subnet-9', index: given(1), groupIds: ['sg-cluster'] },
          ],
        }),
      ]),
      vpcCni: { state: 'listed', configuration: read(given(`{"env":{${env}}}`)) },
      ...change,
    });
  const CUSTOM = '"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG":"true"';
  const EXTERNAL = '"AWS_VPC_K8S_CNI_EXTERNALSNAT":"true"';
  const tagged = (value: string, version: string, further: EksSubnet['tags'] = []) =>
    evidence({
      network: vpcWith([], [NAT], {}, { tags: [{ key: 'kubernetes.io/role/cni', value }, ...further] }),
      vpcCni: { state: 'listed', configuration: read(given(`{"env":{${EXTERNAL}}}`)) },
      addonDescriptions: [{ name: 'vpc-cni', description: read(addon({ version: given(version) })) }],
    });

  test.each([
    ['external SNAT, the second interface behind NAT', custom(`${CUSTOM},${EXTERNAL}`), 'FAIL internet-route'],
    [
      'external SNAT, no way out there, the other zone unseen and closed',
      custom(`${CUSTOM},${EXTERNAL}`, {}, []),
      'PASS holds',
    ],
    ['SNAT by the node', custom(CUSTOM), 'PASS holds'],
    [
      'custom networking, and no subnet of pods is known',
      custom(CUSTOM, { instances: read([instance()]) }),
      'UNKNOWN undecidable',
    ],
    [
      'the CNI is inside the cluster',
      custom('', { addons: read(['coredns']), vpcCni: { state: 'not-installed' } }),
      'UNKNOWN undecidable',
    ],
    ['tagged, 1.18', tagged('', 'v1.18.0-eksbuild.1'), 'FAIL internet-route'],
    ['tagged, before 1.18', tagged('1', 'v1.17.1-eksbuild.1'), 'PASS holds'],
    ['tagged with 0, 1.22.0', tagged('0', 'v1.22.0-eksbuild.1'), 'FAIL internet-route'],
    ['tagged with 0, 1.22.1', tagged('0', 'v1.22.1-eksbuild.1'), 'PASS holds'],
    ['an empty tag, 1.22.1', tagged('', 'v1.22.1-eksbuild.1'), 'PASS holds'],
    [
      'bound to another cluster',
      tagged('1', 'v1.22.1-eksbuild.1', [{ key: 'cni.networking.k8s.aws/cluster/other', value: '1' }]),
      'PASS holds',
    ],
    [
      'bound to this cluster',
      tagged('1', 'v1.22.1-eksbuild.1', [{ key: 'cni.networking.k8s.aws/cluster/shop', value: '1' }]),
      'FAIL internet-route',
    ],
  ] as const)('%s', (_case, of, expected) => {
    expect(outcome(EGRESS, of)).toBe(expected);
  });

  test('the groups of endpoints must admit them', () => {
    const apart = vpcWith([], [], {}, { cidr: '100.64.0.0/18' });
    expect(outcome(ENDPOINTS_ID, custom(CUSTOM, { network: apart }, []))).toBe('FAIL port-443-closed');
    expect(outcome(ENDPOINTS_ID, custom(CUSTOM, {}, []))).toBe('PASS holds');
  });
});

describe('what stands in the VPC', () => {
  const FIREWALL = endpoint('firewall', { id: 'vpce-fw', type: 'GatewayLoadBalancer', subnetIds: ['subnet-9'] });
  const through = (
    kind: EksRoute['targetKind'],
    id: string,
    beside: readonly EksRoute[],
    change: Partial<EksNetwork> = {},
  ) => {
    const base = vpcWith([route(DEFAULT, kind, id)], beside, change);
    const [own] = base.vpcs.state === 'collected' ? base.vpcs.value : [];
    return evidence({
      network: { ...base, vpcs: read([{ ...vpc(), ...own, endpoints: read([...ENDPOINTS, FIREWALL]) }]) },
    });
  };
  const appliance = (change: Parameters<typeof networkInterface>[0] = {}) => ({
    interfaces: read([
      networkInterface({
        id: 'eni-nat',
        subnetId: 'subnet-9',
        instanceId: given('i-nat'),
        sourceDestCheck: given(false),
        publicAddress: true,
        ...change,
      }),
    ]),
  });

  test.each([
    ['a firewall, then NAT', through('vpc-endpoint', 'vpce-fw', [NAT]), 'FAIL internet-route', 'PASS holds'],
    [
      'a firewall, then a transit gateway',
      through('vpc-endpoint', 'vpce-fw', [route(DEFAULT, 'transit-gateway', 'tgw-1')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'a firewall, then nothing: the appliance may have a way of its own',
      through('vpc-endpoint', 'vpce-fw', []),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    ['a NAT instance', through('instance', 'i-nat', [IGW], appliance()), 'FAIL internet-route', 'PASS holds'],
    ['its interface', through('network-interface', 'eni-nat', [IGW], appliance()), 'FAIL internet-route', 'PASS holds'],
    ['an instance without a way out', through('instance', 'i-nat', [], appliance()), 'PASS holds', 'PASS holds'],
    [
      'an interface of nobody knows what',
      through('network-interface', 'eni-nat', [], appliance({ instanceId: ABSENT })),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'an instance, and interfaces were refused',
      through('instance', 'i-nat', [IGW], { interfaces: denied() }),
      'UNKNOWN denied',
      'UNKNOWN denied',
    ],
    [
      'private NAT, then a transit gateway',
      through('nat-gateway', 'nat-1', [route(DEFAULT, 'transit-gateway', 'tgw-1')], {
        natGateways: read([natGateway('nat-1', 'private', 'subnet-9')]),
      }),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'private NAT, then an internet gateway, which carries nothing for it',
      through('nat-gateway', 'nat-1', [IGW], { natGateways: read([natGateway('nat-1', 'private', 'subnet-9')]) }),
      'PASS holds',
      'PASS holds',
    ],
  ] as const)('%s', (_case, of, closed, inPrivate) => {
    expect(outcome(EGRESS, of)).toBe(closed);
    expect(outcome(EGRESS, of, { profile: 'private' })).toBe(inPrivate);
  });

  test('every hop is in the message, and why nothing passes today', () => {
    const idle = through('instance', 'i-nat', [IGW], appliance({ publicAddress: false }));
    expect(verdictOf(EGRESS, idle)).toMatchObject({
      status: 'FAIL',
      message: expect.stringMatching(
        /^subnet-1 → rtb-1 → 0\.0\.0\.0\/0 → i-nat → subnet-9 → rtb-9 → 0\.0\.0\.0\/0 → igw-1.*\(nothing uses this today: eni-nat has no public address\)$/,
      ),
    });
  });

  test('a declaration is about the appliance that the traffic passes', () => {
    const of = through('vpc-endpoint', 'vpce-fw', [NAT]);
    expect(outcome(EGRESS, of, { centralEgress: 'inspection' })).toBe('PASS declared');
    expect(outcome(EGRESS, evidence({ network: vpcWith([NAT]) }), { centralEgress: 'inspection' })).toBe(
      'FAIL internet-route',
    );
  });
});

describe('lists of AWS', () => {
  const listed = (name: string, ownerId: string, change: Partial<EksNetwork> = {}) =>
    evidence({
      network: vpcWith([route('pl-aws', 'vpc-endpoint', 'vpce-unseen')], [], {
        prefixLists: read([{ id: 'pl-aws', cidrs: ['52.219.0.0/16'] }]),
        prefixListOwners: read([{ id: 'pl-aws', name: given(name), ownerId: given(ownerId) }]),
        ...change,
      }),
    });
  test.each([
    ['S3 by an endpoint that is not in the list', listed(`com.amazonaws.${REGION}.s3`, 'AWS'), 'PASS holds'],
    ['S3 by IPv6', listed(`com.amazonaws.${REGION}.ipv6.s3`, 'AWS'), 'PASS holds'],
    [
      'the addresses of CloudFront',
      listed('com.amazonaws.global.cloudfront.origin-facing', 'AWS'),
      'UNKNOWN undecidable',
    ],
    [
      'a list of the same name that somebody made',
      listed(`com.amazonaws.${REGION}.s3`, '111111111111'),
      'UNKNOWN undecidable',
    ],
    ['the owner was refused', listed('x', 'AWS', { prefixListOwners: denied() }), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(EGRESS, of)).toBe(expected);
  });
});

describe('hybrid nodes', () => {
  const hybrid = (ranges: string[], change: Partial<EksNetwork> = {}) =>
    evidence({ cluster: read(cluster({ remoteNodeNetworks: given(ranges) })), network: network(change) });
  test('leave where nobody sees it, until that is declared', () => {
    expect(outcome(EGRESS, hybrid(['10.80.0.0/16']))).toBe('UNKNOWN undecidable');
    expect(outcome(EGRESS, hybrid(['10.80.0.0/16']), { centralEgress: 'proxy' })).toBe('PASS declared');
    expect(outcome(EGRESS, hybrid(['10.80.0.0/16']), { centralEgress: { shop: 'proxy' } })).toBe('PASS declared');
    expect(outcome(EGRESS, hybrid([]))).toBe('PASS holds');
  });
  test('a way out of the nodes in AWS fails all the same', () => {
    const of = { ...hybrid(['10.80.0.0/16']), network: vpcWith([IGW]) };
    expect(outcome(EGRESS, of, { centralEgress: 'proxy' })).toBe('FAIL internet-route');
  });
});

describe('endpoints and the internet', () => {
  const private_ = { profile: 'private' } as const;
  const beside = (change: Parameters<typeof endpoint>[1]) => {
    const base = vpcWith([NAT]);
    const [own] = base.vpcs.state === 'collected' ? base.vpcs.value : [];
    return evidence({
      network: { ...base, vpcs: read([{ ...vpc(), ...own, endpoints: read(endpointsWith('ec2', change)) }]) },
    });
  };
  test.each([
    ['an endpoint that works', beside({}), 'NOT_APPLICABLE internet-allowed'],
    ['one whose group is shut', beside({ groupIds: ['sg-cluster-other'] }), 'UNKNOWN not-found'],
    ['one whose policy allows nothing', beside({ policy: given('{"Statement":[]}') }), 'FAIL endpoint-policy'],
    [
      'one that leaves the name alone',
      beside({ policy: given('{"Statement":[]}'), privateDns: given(false) }),
      'NOT_APPLICABLE internet-allowed',
    ],
  ])('beside NAT: %s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of, private_)).toBe(expected);
  });

  const without = (change: Partial<EksEvidence>, subnets = [subnet(1), subnet(2)]) => {
    const base = vpcWith([IGW], [], { subnets: read(subnets) });
    const [own] = base.vpcs.state === 'collected' ? base.vpcs.value : [];
    return evidence({ network: { ...base, vpcs: read([{ ...vpc(), ...own, endpoints: read([]) }]) }, ...change });
  };
  test.each([
    ['nothing has a public address', without({}), 'FAIL missing'],
    [
      'the subnets give public addresses',
      without(
        {},
        [1, 2].map((n) => subnet(n, { mapsPublicAddress: given(true) })),
      ),
      'NOT_APPLICABLE internet-allowed',
    ],
    [
      'the template gives them',
      without({
        nodeGroups: read([read(nodeGroup({ launchTemplate: template({ associatePublicAddress: given(true) }) }))]),
      }),
      'NOT_APPLICABLE internet-allowed',
    ],
    [
      'whether the subnet gives them is not reported',
      without(
        {},
        [1, 2].map((n) => subnet(n, { mapsPublicAddress: ABSENT })),
      ),
      'UNKNOWN absent-field',
    ],
    [
      'an IPv6 range without an IPv6 route',
      without(
        {},
        [1, 2].map((n) => subnet(n, { ipv6Cidrs: ['2001:db8::/64'] })),
      ),
      'FAIL missing',
    ],
  ] as const)('an internet gateway route, and %s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of, private_)).toBe(expected);
  });

  const zone = `ec2.${REGION}.amazonaws.com`;
  const declared = (routes: readonly EksRoute[]) => {
    const base = vpcWith(routes);
    const [own] = base.vpcs.state === 'collected' ? base.vpcs.value : [];
    return evidence({
      network: {
        ...base,
        vpcs: read([{ ...vpc(), ...own, endpoints: read(endpointsWith('ec2')), hostedZones: read([zone]) }]),
      },
    });
  };
  test('a declaration covers where a route leads, never a missing route', () => {
    const central = { centralEgress: 'inspection' } as const;
    expect(outcome(ENDPOINTS_ID, declared([]), central)).toBe('FAIL no-route');
    expect(outcome(ENDPOINTS_ID, declared([]))).toBe('UNKNOWN undecidable');
    expect(outcome(ENDPOINTS_ID, declared([route('10.0.0.0/8', 'transit-gateway', 'tgw-1')]), central)).toBe(
      'PASS declared',
    );
  });
});

describe('a private zone in place of private DNS', () => {
  const stands = (
    service: string,
    records: EksNetwork extends never ? never : Parameters<typeof vpc>[0],
    name: string,
  ) =>
    evidence({
      network: network({
        vpcs: read([
          vpc({
            endpoints: read(endpointsWith(service, { privateDns: given(false) })),
            hostedZones: read([name]),
            ...records,
          }),
        ]),
      }),
    });
  const zone = (name: string, record: string, target: string) => ({
    serviceZones: [{ name, records: read([{ name: record, type: 'CNAME', targets: [target] }]) }],
  });
  const EC2 = `ec2.${REGION}.amazonaws.com`;
  const DKR = `dkr.ecr.${REGION}.amazonaws.com`;
  test.each([
    ['leads to the endpoint', stands('ec2', zone(EC2, EC2, 'vpce-ec2-abc.ec2.vpce.amazonaws.com'), EC2), 'PASS holds'],
    [
      'leads there by a wildcard above',
      stands('ec2', zone('amazonaws.com', '*.amazonaws.com', 'vpce-ec2-abc.vpce.amazonaws.com'), 'amazonaws.com'),
      'PASS holds',
    ],
    [
      'ECR is no exception: a wildcard for the registries',
      stands('ecr.dkr', zone(DKR, `*.${DKR}`, 'vpce-ecr.dkr-abc.vpce.amazonaws.com'), DKR),
      'PASS holds',
    ],
    [
      'ECR without a name for registries',
      stands('ecr.dkr', zone(DKR, DKR, 'vpce-ecr.dkr-abc.vpce.amazonaws.com'), DKR),
      'FAIL private-dns-off',
    ],
    ['leads elsewhere', stands('ec2', zone(EC2, EC2, '10.9.9.9'), EC2), 'UNKNOWN undecidable'],
    ['has no record', stands('ec2', zone(EC2, 'other.example', 'x'), EC2), 'FAIL private-dns-off'],
    ['records refused', stands('ec2', { serviceZones: [{ name: EC2, records: denied() }] }, EC2), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of)).toBe(expected);
  });

  test('the fix is not the command that AWS refuses', () => {
    const verdict = verdictOf(ENDPOINTS_ID, stands('ec2', zone(EC2, 'other.example', 'x'), EC2));
    expect(JSON.stringify(verdict)).not.toContain('--private-dns-enabled');
  });
});

describe('policies of endpoints', () => {
  const BUCKET = `arn:aws:s3:::prod-${REGION}-starport-layer-bucket/*`;
  const policy = (service: string, ...statements: object[]) =>
    evidence({
      network: network({
        vpcs: read([
          vpc({
            endpoints: read(endpointsWith(service, { policy: given(JSON.stringify({ Statement: statements })) })),
          }),
        ]),
      }),
    });
  const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
    Effect: 'Allow',
    Principal: '*',
    Action,
    Resource,
    ...more,
  });
  test.each([
    ['the documented minimum of S3', policy('s3', allow(['s3:GetObject'], [BUCKET])), 'PASS holds'],
    ['S3 by a wildcard', policy('s3', allow('s3:Get*', 'arn:aws:s3:::prod-*-starport-layer-bucket/*')), 'PASS holds'],
    ['S3, another bucket', policy('s3', allow('s3:GetObject', 'arn:aws:s3:::mine/*')), 'FAIL endpoint-policy'],
    ['S3, one object of it', policy('s3', allow('s3:GetObject', BUCKET.replace('*', 'one'))), 'UNKNOWN undecidable'],
    [
      'S3, for the own account alone',
      policy('s3', allow('s3:GetObject', BUCKET, { Principal: { AWS: '111111111111' } })),
      'UNKNOWN undecidable',
    ],
    [
      'a Deny that touches something else',
      policy('s3', allow('*'), { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: '*' }),
      'PASS holds',
    ],
    [
      'a Deny that covers it',
      policy('s3', allow('*'), { Effect: 'Deny', Principal: '*', NotAction: 's3:ListBucket', Resource: '*' }),
      'FAIL endpoint-policy',
    ],
    [
      'a Deny under a condition',
      policy('ec2', allow('*'), {
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: '*',
        Condition: { Bool: {} },
      }),
      'UNKNOWN undecidable',
    ],
    [
      'no Allow at all',
      policy('ecr.dkr', { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*', Condition: { Bool: {} } }),
      'FAIL endpoint-policy',
    ],
    [
      'the pull actions of ECR',
      policy('ecr.dkr', allow(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'])),
      'PASS holds',
    ],
    ['ECR without layers', policy('ecr.dkr', allow('ecr:BatchGetImage')), 'FAIL endpoint-policy'],
    [
      'some repositories',
      policy('ecr.dkr', allow('ecr:*', 'arn:aws:ecr:eu-west-1:1:repository/app')),
      'UNKNOWN undecidable',
    ],
    [
      'not a policy',
      evidence({
        network: network({ vpcs: read([vpc({ endpoints: read(endpointsWith('ec2', { policy: given('[]') })) })]) }),
      }),
      'UNKNOWN malformed-answer',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of)).toBe(expected);
  });

  test('the fix adds to the document and takes nothing away', () => {
    const verdict = verdictOf(ENDPOINTS_ID, policy('s3', allow('s3:GetObject', 'arn:aws:s3:::mine/*')));
    const [command = ''] = verdict.status === 'FAIL' ? (verdict.fix?.commands ?? []) : [];
    expect(command).toContain('arn:aws:s3:::mine/*');
    expect(command).toContain(BUCKET);
  });
});

describe('the fix of a way out', () => {
  const users = (...interfaces: ReturnType<typeof networkInterface>[]) =>
    verdictOf(
      EGRESS,
      evidence({ network: { ...vpcWith([NAT]), interfaces: read(interfaces) }, instances: read([instance()]) }),
    );
  const commandsOf = (verdict: ReturnType<typeof users>) =>
    verdict.status === 'FAIL' ? (verdict.fix?.commands ?? []) : [];

  test('takes the route away where the nodes alone use it', () => {
    expect(commandsOf(users(networkInterface()))).toEqual([expect.stringContaining('delete-route')]);
  });
  test.each([
    [
      'a balancer stands there too',
      [networkInterface(), networkInterface({ id: 'eni-lb', instanceId: ABSENT, description: 'ELB app/web/1' })],
    ],
    ['the interfaces are not all there', []],
  ])('says what to look at first where %s', (_case, interfaces) => {
    const commands = commandsOf(users(...interfaces));
    expect(commands).toEqual([expect.stringContaining('describe-network-interfaces')]);
  });
});

describe("the control plane's own calls, routed into the VPC", () => {
  const ID = 'eks-control-plane-egress';
  const apart = { cluster: read(cluster({ subnetIds: given(['subnet-9']) })) };
  const leaving = (...routes: EksRoute[]) => evidence({ ...apart, network: vpcWith([], routes) });
  const TRANSIT = route(DEFAULT, 'transit-gateway', 'tgw-1');

  test.each([
    ['no way out', leaving(), 'PASS holds'],
    ['an internet gateway', leaving(IGW), 'FAIL internet-route'],
    ['NAT', leaving(NAT), 'FAIL internet-route'],
    ['a transit gateway', leaving(TRANSIT), 'UNKNOWN undecidable'],
    ['subnets not read', evidence({ ...apart, network: network({ subnets: denied() }) }), 'UNKNOWN denied'],
  ])("leave by the routes of the cluster's subnets: %s", (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('a declaration covers where the route leads, and profile private does not ask', () => {
    expect(outcome(ID, leaving(TRANSIT), { centralEgress: 'inspection' })).toBe('PASS declared');
    expect(outcome(ID, leaving(IGW), { profile: 'private' })).toBe('NOT_APPLICABLE internet-allowed');
  });
});
