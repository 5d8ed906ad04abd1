import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';

import {
  ACCOUNT,
  CLUSTER_GROUP,
  cluster,
  denied,
  ENDPOINT_GROUP,
  ENDPOINTS,
  endpoint,
  endpointsWith,
  evidence,
  group,
  LOCAL,
  malformed,
  natGateway,
  network,
  nodeGroup,
  outcome,
  REGION,
  read,
  route,
  rule,
  s3Gateway,
  subnet,
  table,
  template,
  verdictOf,
  vpc,
  withEndpoints,
  withGroups,
  withRoutes,
  withVpc,
} from './builders.ts';

const ID = 'eks-vpc-endpoints';

const twoTables = (routeTableIds: string[]) =>
  withVpc({
    routeTables: read([
      table({ subnetIds: ['subnet-1'] }),
      table({ id: 'rtb-2', main: false, subnetIds: ['subnet-2'] }),
    ]),
    endpoints: read(endpointsWith('s3', { routeTableIds })),
  });
const ec2With = (change: Parameters<typeof endpoint>[1]) => withEndpoints(...endpointsWith('ec2', change));
const without = (service: string, ...instead: ReturnType<typeof endpoint>[]) =>
  withEndpoints(...endpointsWith(service), ...instead);
const admitting = (...ingress: Parameters<typeof rule>[0][]) =>
  withGroups(
    group(
      'sg-endpoints',
      ingress.map((change) => rule(change)),
    ),
  );
const DEFAULT_ROUTE = '0.0.0.0/0';

describe('an endpoint counts when', () => {
  const cases: readonly (readonly [string, EksEvidence, string])[] = [
    ['1. its state is available', evidence(), 'PASS holds'],
    ['1. its state is Available, as the SDK spells it', ec2With({ state: 'Available' }), 'PASS holds'],
    ['1. its state is pendingAcceptance', ec2With({ state: 'pendingAcceptance' }), 'FAIL wrong-state'],
    ['1. its state is PendingAcceptance', ec2With({ state: 'PendingAcceptance' }), 'FAIL wrong-state'],
    ['1. its state is pending', ec2With({ state: 'pending' }), 'UNKNOWN transitional-state'],
    ['1. its state is failed', ec2With({ state: 'failed' }), 'FAIL wrong-state'],
    ['1. its state is rejected', ec2With({ state: 'rejected' }), 'FAIL wrong-state'],
    ['1. it is still listed as deleted', ec2With({ state: 'deleted' }), 'FAIL missing'],
    ['1. its state is partial, which is new', ec2With({ state: 'partial' }), 'UNKNOWN unrecognised-value'],
    ['2. it is a gateway where an interface is needed', ec2With({ type: 'Gateway' }), 'FAIL missing'],
    ['2. it is a Gateway Load Balancer', ec2With({ type: 'GatewayLoadBalancer' }), 'FAIL missing'],
    ['2. s3 is an interface with private DNS', without('s3', endpoint('s3')), 'PASS holds'],
    ['3. private DNS is off', ec2With({ privateDns: given(false) }), 'FAIL private-dns-off'],
    ['3. private DNS is not reported', ec2With({ privateDns: ABSENT }), 'UNKNOWN absent-field'],
    ['3. private DNS is no flag', ec2With({ privateDns: malformed }), 'UNKNOWN malformed-answer'],
    [
      '3. private DNS is off and a private zone stands in',
      withVpc({
        endpoints: read(endpointsWith('ec2', { privateDns: given(false) })),
        hostedZones: read([`ec2.${REGION}.amazonaws.com`]),
      }),
      'UNKNOWN undecidable',
    ],
    [
      '3. ecr.dkr has private DNS off like the others, and a private zone whose records were not read stands in',
      withVpc({
        endpoints: read(endpointsWith('ecr.dkr', { privateDns: given(false) })),
        hostedZones: read([`dkr.ecr.${REGION}.amazonaws.com`]),
      }),
      'UNKNOWN undecidable',
    ],
    [
      '3. s3 private DNS serves the inbound resolver only, without a gateway',
      without('s3', endpoint('s3', { privateDnsOnlyForInboundResolver: given(true) })),
      'FAIL private-dns-inbound-only',
    ],
    [
      '3. s3 private DNS serves the inbound resolver only, beside a gateway',
      withEndpoints(...ENDPOINTS, endpoint('s3', { id: 'vpce-s3-i', privateDnsOnlyForInboundResolver: given(true) })),
      'PASS holds',
    ],
    ['3. DNS support of the VPC is off', withVpc({ dnsSupport: read(given(false)) }), 'FAIL private-dns-off'],
    ['3. DNS hostnames of the VPC are off', withVpc({ dnsHostnames: read(given(false)) }), 'FAIL private-dns-off'],
    ['4. its group admits one of two node ranges', admitting({ ranges: ['10.0.1.0/24'] }), 'FAIL port-443-closed'],
    ['4. its group admits the /16', admitting({ ranges: ['10.0.0.0/16'] }), 'PASS holds'],
    [
      '4. its group admits halves that make up each range',
      admitting({ ranges: ['10.0.1.0/25', '10.0.1.128/25'] }, { ranges: ['10.0.2.0/25', '10.0.2.128/25'] }),
      'PASS holds',
    ],
    ['4. its group admits the cluster group', admitting({ groupIds: ['sg-cluster'] }), 'PASS holds'],
    ['4. its group admits another group', admitting({ groupIds: ['sg-other'] }), 'FAIL port-443-closed'],
    ['4. its group admits all protocols', admitting({ protocol: '-1', ranges: ['10.0.0.0/16'] }), 'PASS holds'],
    [
      '4. its group admits a span of ports around 443',
      admitting({ fromPort: given(1), toPort: given(65535), ranges: ['10.0.0.0/16'] }),
      'PASS holds',
    ],
    [
      '4. its group admits udp 443 only',
      admitting({ protocol: 'udp', ranges: ['10.0.0.0/16'] }),
      'FAIL port-443-closed',
    ],
    [
      '4. its group admits port 444',
      admitting({ fromPort: given(444), toPort: given(444), ranges: ['10.0.0.0/16'] }),
      'FAIL port-443-closed',
    ],
    ['4. its group admits IPv6 only', admitting({ ranges: ['::/0'] }), 'FAIL port-443-closed'],
    [
      '4. its group admits a prefix list that holds the nodes',
      evidence({
        network: network({
          securityGroups: read([CLUSTER_GROUP, group('sg-endpoints', [rule({ prefixListIds: ['pl-1'] })])]),
          prefixLists: read([{ id: 'pl-1', cidrs: ['10.0.0.0/16'] }]),
        }),
      }),
      'PASS holds',
    ],
    [
      '4. its group admits a prefix list that was not read',
      evidence({
        network: network({
          securityGroups: read([CLUSTER_GROUP, group('sg-endpoints', [rule({ prefixListIds: ['pl-1'] })])]),
          prefixLists: denied(),
        }),
      }),
      'UNKNOWN denied',
    ],
    [
      '4. nodes carry groups of their template, which its group does not admit',
      evidence({
        nodeGroups: read([read(nodeGroup({ launchTemplate: template({ securityGroupIds: ['sg-nodes'] }) }))]),
        network: network({
          securityGroups: read([CLUSTER_GROUP, group('sg-endpoints', [rule({ groupIds: ['sg-cluster'] })])]),
        }),
      }),
      'FAIL port-443-closed',
    ],
    ['5. it is in one zone of the nodes only', ec2With({ subnetIds: ['subnet-1'] }), 'PASS holds'],
    ['6. the s3 gateway is on one of two node route tables', twoTables(['rtb-1']), 'FAIL route-table-not-associated'],
    ['6. the s3 gateway is on both node route tables', twoTables(['rtb-1', 'rtb-2']), 'PASS holds'],
    [
      '6. the s3 gateway is in the routes instead',
      withVpc({
        routeTables: read([table({ routes: [LOCAL, route('pl-s3', 'vpc-endpoint', 'vpce-s3')] })]),
        endpoints: read(endpointsWith('s3', { routeTableIds: [] })),
      }),
      'PASS holds',
    ],
    [
      '7. its policy is the default',
      ec2With({
        policy: given('{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'),
      }),
      'PASS holds',
    ],
    ['7. its policy allows nothing', ec2With({ policy: given('{"Statement":[]}') }), 'FAIL endpoint-policy'],
    ['8. it leads to another region', ec2With({ serviceRegion: given('eu-west-1') }), 'FAIL missing'],
    ['8. it names its own region', ec2With({ serviceRegion: given(REGION) }), 'PASS holds'],
    ['9. it belongs to a service', ec2With({ requesterManaged: given(true) }), 'FAIL missing'],
    [
      '10. the cluster is IPv6, and nodes still have IPv4',
      evidence({ cluster: read(cluster({ ipFamily: given('ipv6') })) }),
      'PASS holds',
    ],
  ];

  test.each(cases)('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test.each([
    ['ec2messages', without('ec2', endpoint('ec2messages')), 'FAIL missing'],
    ['s3express', without('s3', endpoint('s3express')), 'FAIL missing'],
    ['no type at all', without('ec2', endpoint('ec2', { type: 'absent' })), 'UNKNOWN absent-field'],
    ['no state at all', without('ec2', endpoint('ec2', { state: 'absent' })), 'UNKNOWN absent-field'],
    ['the FIPS twin', without('ecr.dkr', endpoint('ecr.dkr-fips')), 'UNKNOWN undecidable'],
    [
      "a customer's own service",
      without('ec2', endpoint('ec2', { serviceName: `com.amazonaws.vpce.${REGION}.vpce-svc-0ec2` })),
      'FAIL missing',
    ],
  ])('its name is taken word by word: %s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('China mixes prefixes', () => {
    const china = (prefix: string, service: string) =>
      endpoint(service, { serviceName: `${prefix}.cn-north-1.${service}` });
    const of = {
      ...withEndpoints(
        china('cn.com.amazonaws', 'ec2'),
        china('cn.com.amazonaws', 'ecr.api'),
        china('cn.com.amazonaws', 'ecr.dkr'),
        s3Gateway({ serviceName: 'com.amazonaws.cn-north-1.s3' }),
      ),
      region: 'cn-north-1',
      partition: 'aws-cn',
    };
    expect(outcome(ID, of)).toBe('PASS holds');
  });
});

describe('the finding', () => {
  test('names each failing service with its defect; the proof lists all four', () => {
    const { message, proof } = verdictOf(
      ID,
      withEndpoints(
        endpoint('ec2', { privateDns: given(false) }),
        endpoint('ecr.api'),
        s3Gateway({ routeTableIds: [] }),
      ),
    );
    expect(message).toBe(
      'ec2: private DNS of vpce-ec2 is off; ecr.dkr: no endpoint; s3: vpce-s3 is not on rtb-1, the route table of node subnet subnet-1',
    );
    const four = proof.slice(0, 4).map(({ field, value }) => [field, value] as const);
    expect(Object.fromEntries(four)).toEqual({ ec2: 'broken', 'ecr.api': 'ok', 'ecr.dkr': 'missing', s3: 'broken' });
    expect(four[0]).toEqual(['ec2', 'broken']);
  });

  /** Out of the node's subnet and into the endpoint's, which share an ACL. */
  const REQUEST = ['acl-1 rule 100', 'acl-1 rule 100'];
  const ANSWER = ['acl-1 rule 100 (answer)', 'acl-1 rule 100 (answer)'];

  test('leads from each node subnet to each service, hop by hop', () => {
    const { proof } = verdictOf(
      ID,
      withVpc({
        routeTables: read([table({ routes: [LOCAL, route('pl-s3', 'vpc-endpoint', 'vpce-s3')] })]),
        endpoints: read(
          endpointsWith('ec2').map((entry) =>
            entry.id === 'vpce-ecr.api' ? { ...entry, privateDns: given(false) } : entry,
          ),
        ),
      }),
    );
    const hopsOf = (field: string) => proof.find((line) => line.field === field)?.hops;
    expect(hopsOf('subnet-1')).toEqual(['subnet-1', 'rtb-1', 'no default route']);
    expect(hopsOf('subnet-1/ec2')).toEqual(['subnet-1', `ec2.${REGION}.amazonaws.com not reached: no endpoint`]);
    expect(hopsOf('subnet-2/ecr.api')).toEqual([
      'subnet-2',
      ...REQUEST,
      'vpce-ecr.api',
      ...ANSWER,
      `api.ecr.${REGION}.amazonaws.com not reached: private-dns-off`,
    ]);
    expect(hopsOf('subnet-2/ecr.dkr')).toEqual([
      'subnet-2',
      ...REQUEST,
      'vpce-ecr.dkr',
      ...ANSWER,
      `dkr.ecr.${REGION}.amazonaws.com`,
    ]);
    // No other subnet's ACL is on the way to a gateway endpoint.
    expect(hopsOf('subnet-2/s3')).toEqual([
      'subnet-2',
      'rtb-1',
      'pl-s3',
      'acl-1 rule 100',
      'vpce-s3',
      'acl-1 rule 100 (answer)',
      `s3.${REGION}.amazonaws.com`,
    ]);
  });

  test('names the subnet whose route table lacks the s3 gateway, and its fix the ids', () => {
    expect(verdictOf(ID, twoTables(['rtb-1'])).message).toContain('rtb-2, the route table of node subnet subnet-2');
    const missing = verdictOf(ID, without('ec2'));
    expect(missing.status === 'FAIL' && missing.fix?.commands).toEqual([
      expect.stringMatching(
        `--region ${REGION} --vpc-id vpc-1 .*com.amazonaws.${REGION}.ec2 --subnet-ids subnet-1 subnet-2`,
      ),
    ]);
  });
});

describe('where the traffic of the nodes goes decides what a missing endpoint means', () => {
  const noEc2 = { endpoints: read(endpointsWith('ec2')) };
  const leaving = (...routes: ReturnType<typeof route>[]) =>
    withVpc({ ...noEc2, routeTables: read([table({ routes: [LOCAL, ...routes] })]) });
  const toTransit = leaving(route(DEFAULT_ROUTE, 'transit-gateway', 'tgw-1'));
  const natGateways = (connectivity: string) => read([natGateway('nat-1', connectivity)]);
  const behindNat: EksEvidence = {
    ...withRoutes(route(DEFAULT_ROUTE, 'nat-gateway', 'nat-1')),
    network: network({
      vpcs: read([
        vpc({
          ...noEc2,
          routeTables: read([table({ routes: [LOCAL, route(DEFAULT_ROUTE, 'nat-gateway', 'nat-1')] })]),
        }),
      ]),
      natGateways: natGateways('public'),
    }),
  };

  test.each([
    ['nowhere', withVpc(noEc2), 'FAIL missing'],
    ['a transit gateway', toTransit, 'UNKNOWN undecidable'],
    [
      'a virtual private gateway',
      leaving(route(DEFAULT_ROUTE, 'virtual-private-gateway', 'vgw-1')),
      'UNKNOWN undecidable',
    ],
    ['a peering connection', leaving(route(DEFAULT_ROUTE, 'peering', 'pcx-1')), 'UNKNOWN undecidable'],
    ['an appliance', leaving(route(DEFAULT_ROUTE, 'network-interface', 'eni-1')), 'UNKNOWN undecidable'],
    ['a core network', leaving(route(DEFAULT_ROUTE, 'core-network', 'arn:core')), 'UNKNOWN undecidable'],
    ['public NAT', behindNat, 'FAIL missing'],
    ['central zones', withVpc({ ...noEc2, hostedZones: read([`ec2.${REGION}.amazonaws.com`]) }), 'UNKNOWN undecidable'],
    ['zones that could not be read', withVpc({ ...noEc2, hostedZones: denied() }), 'UNKNOWN denied'],
    [
      'a list of services without the required one, which every region has',
      evidence({
        network: network({ vpcs: read([vpc(noEc2)]), offeredServices: read([`com.amazonaws.${REGION}.s3`]) }),
      }),
      'UNKNOWN conflicting-fields',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('a broken endpoint fails even where the rest is undecidable', () => {
    const of = withVpc({
      endpoints: read(endpointsWith('ec2', { privateDns: given(false) })),
      routeTables: read([table({ routes: [LOCAL, route(DEFAULT_ROUTE, 'transit-gateway', 'tgw-1')] })]),
    });
    expect(outcome(ID, of)).toBe('FAIL private-dns-off');
  });

  test('declared central egress turns undecidable into PASS, marked as declared', () => {
    expect(outcome(ID, toTransit, { settings: { centralEgress: 'proxy' } })).toBe('PASS declared');
    expect(outcome(ID, toTransit, { centralEgress: { [ACCOUNT]: 'proxy' } })).toBe('PASS declared');
    expect(outcome(ID, toTransit, { centralEgress: { 'vpc-2': 'proxy' } })).toBe('UNKNOWN undecidable');
    expect(verdictOf(ID, toTransit).message).toContain('(aws.centralEgress declares where this leads)');
  });

  test('profile private does not ask where every node subnet reaches the internet, and closed does', () => {
    expect(outcome(ID, behindNat, { profile: 'private' })).toBe('NOT_APPLICABLE internet-allowed');
    expect(outcome(ID, { ...behindNat, nodeGroups: denied() }, { profile: 'private' })).toBe('UNKNOWN denied');
  });
});

describe('what could not be read', () => {
  test.each([
    ['endpoints', withVpc({ endpoints: denied() }), 'UNKNOWN denied'],
    ['route tables behind the gateway', withVpc({ routeTables: denied() }), 'UNKNOWN denied'],
    ['security groups', evidence({ network: network({ securityGroups: denied() }) }), 'UNKNOWN denied'],
    ['subnets', evidence({ network: network({ subnets: denied() }) }), 'UNKNOWN denied'],
    ['node groups', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ['one node group', evidence({ nodeGroups: read([denied()]) }), 'UNKNOWN denied'],
    ['Fargate profiles', evidence({ fargateProfiles: denied() }), 'UNKNOWN denied'],
    ['add-ons, which it does not need', evidence({ addons: denied() }), 'PASS holds'],
    ['the VPC itself', evidence({ network: network({ vpcs: denied() }) }), 'UNKNOWN denied'],
    [
      'Auto Mode, where every subnet of the VPC is right',
      evidence({ cluster: read(cluster({ autoMode: given(true) })) }),
      'PASS holds',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('a FAIL on what was read stands', () => {
    expect(outcome(ID, { ...without('ec2'), nodeGroups: denied(), fargateProfiles: denied() })).toBe('FAIL missing');
  });
});

test('the node subnets are those of the nodes united with the cluster’s own', () => {
  const of = evidence({
    nodeGroups: read([read(nodeGroup({ subnetIds: given(['subnet-9']) }))]),
    network: network({
      subnets: read([subnet(1), subnet(2), subnet(9, { cidr: '10.9.0.0/24' })]),
      securityGroups: read([CLUSTER_GROUP, ENDPOINT_GROUP]),
    }),
  });
  expect(verdictOf(ID, of)).toMatchObject({
    status: 'FAIL',
    reason: 'port-443-closed',
    message: expect.stringContaining('subnet-9 (10.9.0.0/24)'),
  });
});
