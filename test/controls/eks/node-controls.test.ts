import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  cluster,
  denied,
  ENDPOINTS,
  endpoint,
  evidence,
  instance,
  malformed,
  NO_PROXY,
  network,
  nodeGroup,
  outcome,
  podIdentities,
  REGION,
  read,
  subnet,
  template,
  verdictOf,
  vpc,
  withCluster,
  withNetwork,
  withNodeGroup,
} from './builders.ts';

/** Controls on node groups, instances and what they use. */

const noNodes = { nodeGroups: read<never[]>([]) };
const unreadTemplate = { launchTemplate: { use: 'template', id: 'lt-1', version: '3', content: denied() } } as const;
const publicSubnet = network({ subnets: read([subnet(1), subnet(2, { mapsPublicAddress: given(true) })]) });
const instanceWith = (publicAddress: boolean) => read([instance({ publicAddress })]);
const fargate = read([read({ name: 'jobs', subnetIds: given(['subnet-1']) })]);

describe('eks-node-public-address', () => {
  const ID = 'eks-node-public-address';
  const group = (launchTemplate: ReturnType<typeof template>) => read([read(nodeGroup({ launchTemplate }))]);
  test.each([
    ['private subnets', evidence(), 'PASS holds'],
    ['one of two subnets maps public addresses', evidence({ network: publicSubnet }), 'FAIL subnet-maps-public'],
    [
      'the template says no, the subnet yes',
      evidence({ nodeGroups: group(template({ associatePublicAddress: given(false) })), network: publicSubnet }),
      'PASS holds',
    ],
    [
      'the template says yes, the subnet no',
      evidence({ nodeGroups: group(template({ associatePublicAddress: given(true) })) }),
      'FAIL launch-template',
    ],
    [
      'the template says nothing',
      evidence({ nodeGroups: group(template()), network: publicSubnet }),
      'FAIL subnet-maps-public',
    ],
    ['the template could not be read', withNodeGroup(unreadTemplate), 'UNKNOWN denied'],
    [
      'the template is malformed',
      withNodeGroup({ launchTemplate: template({ associatePublicAddress: malformed }) }),
      'UNKNOWN malformed-answer',
    ],
    ['a subnet is gone', withNetwork({ subnets: read([subnet(1)]) }), 'FAIL not-found'],
    [
      'a subnet does not report',
      withNetwork({ subnets: read([subnet(1), subnet(2, { mapsPublicAddress: ABSENT })]) }),
      'UNKNOWN absent-field',
    ],
    ['node groups denied', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ['one of two groups denied', evidence({ nodeGroups: read([read(nodeGroup()), denied()]) }), 'UNKNOWN denied'],
    [
      'one public, the other denied',
      evidence({ nodeGroups: read([read(nodeGroup()), denied()]), network: publicSubnet }),
      'FAIL subnet-maps-public',
    ],
    [
      'an own instance with a public address',
      evidence({ instances: instanceWith(true) }),
      'FAIL instance-public-address',
    ],
    ['an own instance without one', evidence({ instances: instanceWith(false) }), 'PASS holds'],
    ['Fargate alone', evidence({ ...noNodes, fargateProfiles: fargate }), 'NOT_APPLICABLE no-nodes'],
    [
      'no nodes yet, a public cluster subnet',
      evidence({ ...noNodes, network: publicSubnet }),
      'FAIL subnet-maps-public',
    ],
    ['Auto Mode in private subnets', withCluster({ autoMode: given(true) }), 'UNKNOWN undecidable'],
    [
      'Auto Mode with a public subnet',
      { ...withCluster({ autoMode: given(true) }), ...noNodes, network: publicSubnet },
      'FAIL subnet-maps-public',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('eks-pod-capacity (S10)', () => {
  const ID = 'eks-pod-capacity';
  const types = (...names: string[]) => ({ instanceTypes: given(names) });
  const small = read([read(nodeGroup(types('t3.small')))]);
  const prefixes = (on: string) => ({
    state: 'listed' as const,
    configuration: read(given(`{"env":{"ENABLE_PREFIX_DELEGATION":"${on}"}}`)),
  });
  test.each([
    ['a large type', evidence(), 'PASS holds'],
    [
      'a large type, CNI settings denied',
      evidence({ addons: denied(), vpcCni: { state: 'not-listed' } }),
      'PASS holds',
    ],
    ['a small type, no prefixes', evidence({ nodeGroups: small }), 'FAIL too-few-pods'],
    ['a small type, prefixes', evidence({ nodeGroups: small, vpcCni: prefixes('true') }), 'PASS holds'],
    ['a small type, prefixes off', evidence({ nodeGroups: small, vpcCni: prefixes('false') }), 'FAIL too-few-pods'],
    [
      'a small type, own CNI',
      evidence({ nodeGroups: small, addons: read([]), vpcCni: { state: 'not-installed' } }),
      'UNKNOWN undecidable',
    ],
    [
      'a small type, add-ons denied',
      evidence({ nodeGroups: small, addons: denied(), vpcCni: { state: 'not-listed' } }),
      'UNKNOWN denied',
    ],
    ['the smallest of several types decides', withNodeGroup(types('m5.2xlarge', 't3.small')), 'FAIL too-few-pods'],
    [
      'the type of the template',
      withNodeGroup({ instanceTypes: ABSENT, launchTemplate: template({ instanceType: given('m5.2xlarge') }) }),
      'PASS holds',
    ],
    ['the template could not be read', withNodeGroup({ ...unreadTemplate, instanceTypes: ABSENT }), 'UNKNOWN denied'],
    ['no type anywhere', withNodeGroup({ instanceTypes: ABSENT, launchTemplate: template() }), 'UNKNOWN absent-field'],
    ['a type that EC2 does not know', withNodeGroup(types('m5.huge')), 'FAIL not-found'],
    ['types denied', withNetwork({ instanceTypes: denied() }), 'UNKNOWN denied'],
    ['more nodes than free addresses', withNodeGroup({ maxSize: given(401) }), 'FAIL too-few-addresses'],
    ['as many nodes as free addresses', withNodeGroup({ maxSize: given(400) }), 'PASS holds'],
    ['no maximum told', withNodeGroup({ maxSize: ABSENT }), 'UNKNOWN absent-field'],
    ['no node group', evidence(noNodes), 'NOT_APPLICABLE no-node-group'],
    ['node groups denied', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of, { settings: { podsPerNode: 30 } })).toBe(expected);
  });

  test.each([
    ['a small type', evidence({ nodeGroups: small }), 'PASS holds'],
    [
      'a small type, own CNI',
      evidence({ nodeGroups: small, addons: read([]), vpcCni: { state: 'not-installed' } }),
      'PASS holds',
    ],
    ['a type that EC2 does not know', withNodeGroup(types('m5.huge')), 'FAIL not-found'],
    ['more nodes than free addresses', withNodeGroup({ maxSize: given(401) }), 'FAIL too-few-addresses'],
    ['types denied', withNetwork({ instanceTypes: denied() }), 'UNKNOWN denied'],
    ['no node group', evidence(noNodes), 'NOT_APPLICABLE no-node-group'],
  ])('nothing is asked: %s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  // Source: amazon-eks-ami, eni-max-pods.txt.
  test.each([
    ['m5.large', 29],
    ['t3.small', 11],
  ])('%s holds %d pods', (type, pods) => {
    const of = withNodeGroup(types(type));
    expect(outcome(ID, of, { settings: { podsPerNode: pods } })).toBe('PASS holds');
    expect(outcome(ID, of, { settings: { podsPerNode: pods + 1 } })).toBe('FAIL too-few-pods');
  });
});

describe('eks-node-proxy (S8)', () => {
  const ID = 'eks-node-proxy';
  const settings = { required: true };
  const sets = (setsProxy: Parameters<typeof template>[0]) => withNodeGroup({ launchTemplate: template(setsProxy) });
  test.each<[string, EksEvidence, string]>([
    [
      'user data sets a proxy and what goes past it',
      sets({ setsProxy: given(true), noProxy: given(NO_PROXY) }),
      'PASS holds',
    ],
    ['no NO_PROXY', sets({ setsProxy: given(true), noProxy: given([]) }), 'FAIL no-proxy-missing'],
    ['what NO_PROXY names is not reported', sets({ setsProxy: given(true) }), 'UNKNOWN absent-field'],
    ...NO_PROXY.map((entry): [string, EksEvidence, string] => [
      `NO_PROXY without ${entry}`,
      sets({ setsProxy: given(true), noProxy: given(NO_PROXY.filter((other) => other !== entry)) }),
      'FAIL no-proxy-incomplete',
    ]),
    [
      'a wider block, a name above, names without their dot',
      sets({
        setsProxy: given(true),
        noProxy: given(['10.0.0.0/8', '172.16.0.0/12', '169.254.0.0/16', 'internal', 'amazonaws.com']),
      }),
      'PASS holds',
    ],
    [
      'the name of the nodes’ own region',
      sets({
        setsProxy: given(true),
        noProxy: given(NO_PROXY.map((entry) => (entry === '.internal' ? `.${REGION}.compute.internal` : entry))),
      }),
      'PASS holds',
    ],
    [
      'a part of the VPC',
      sets({
        setsProxy: given(true),
        noProxy: given(NO_PROXY.map((entry) => (entry === '10.0.0.0/16' ? '10.0.0.0/17' : entry))),
      }),
      'FAIL no-proxy-incomplete',
    ],
    [
      'a block that the script works out',
      sets({
        setsProxy: given(true),
        noProxy: given(NO_PROXY.map((entry) => (entry === '10.0.0.0/16' ? '$VPC_CIDR' : entry))),
      }),
      'UNKNOWN undecidable',
    ],
    ['NO_PROXY of another type', sets({ setsProxy: given(true), noProxy: malformed }), 'UNKNOWN malformed-answer'],
    [
      'IPv6 without .api.aws',
      {
        ...sets({ setsProxy: given(true), noProxy: given(NO_PROXY) }),
        cluster: read(cluster({ ipFamily: given('ipv6') })),
      },
      'FAIL no-proxy-incomplete',
    ],
    [
      'IPv6 with .api.aws',
      {
        ...sets({ setsProxy: given(true), noProxy: given([...NO_PROXY, '.api.aws']) }),
        cluster: read(cluster({ ipFamily: given('ipv6') })),
      },
      'PASS holds',
    ],
    [
      'the range of the Services was not sent',
      {
        ...sets({ setsProxy: given(true), noProxy: given(NO_PROXY) }),
        cluster: read(cluster({ serviceCidrs: ABSENT })),
      },
      'UNKNOWN absent-field',
    ],
    [
      'the VPC was not read',
      { ...sets({ setsProxy: given(true), noProxy: given(NO_PROXY) }), network: network({ vpcs: denied() }) },
      'UNKNOWN denied',
    ],
    ['user data does not', sets({ setsProxy: given(false) }), 'FAIL proxy-missing'],
    ['no user data', sets({}), 'UNKNOWN undecidable'],
    ['no template', evidence(), 'UNKNOWN undecidable'],
    ['the template could not be read', withNodeGroup(unreadTemplate), 'UNKNOWN denied'],
    [
      'one sets it, the other does not',
      evidence({
        nodeGroups: read([
          read(nodeGroup({ launchTemplate: template({ setsProxy: given(true), noProxy: given(NO_PROXY) }) })),
          read(nodeGroup({ name: 'two', launchTemplate: template({ setsProxy: given(false) }) })),
        ]),
      }),
      'FAIL proxy-missing',
    ],
    ['own instances', evidence({ ...noNodes, instances: instanceWith(false) }), 'UNKNOWN undecidable'],
    ['no nodes', evidence(noNodes), 'NOT_APPLICABLE no-nodes'],
    ['Auto Mode', { ...withCluster({ autoMode: given(true) }), ...noNodes }, 'UNKNOWN undecidable'],
    ['node groups denied', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of, { settings })).toBe(expected);
  });

  test('not declared', () => {
    expect(outcome(ID, sets({ setsProxy: given(false) }))).toBe('NOT_APPLICABLE not-declared');
  });
});

describe('eks-vpc-endpoints-used', () => {
  const ID = 'eks-vpc-endpoints-used';
  const having = (...services: string[]) =>
    network({
      vpcs: read([vpc({ endpoints: read([...ENDPOINTS, ...services.map((service) => endpoint(service))]) })]),
    });
  const podIdentity = { podIdentityAssociations: podIdentities('app-1', 'app-2') };
  test.each([
    ['nothing is used', evidence(), 'NOT_APPLICABLE not-used'],
    ['Pod Identity, eks-auth missing', evidence(podIdentity), 'FAIL missing'],
    ['Pod Identity, eks-auth there', evidence({ ...podIdentity, network: having('eks-auth') }), 'PASS holds'],
    ['the agent add-on alone', evidence({ addons: read(['vpc-cni', 'eks-pod-identity-agent']) }), 'FAIL missing'],
    ['Fargate, sts missing', evidence({ fargateProfiles: fargate }), 'FAIL missing'],
    ['Fargate, sts there', evidence({ fargateProfiles: fargate, network: having('sts') }), 'PASS holds'],
    [
      'Fargate, the FIPS twin of sts',
      evidence({ fargateProfiles: fargate, network: having('sts-fips') }),
      'UNKNOWN undecidable',
    ],
    ['the associations were denied', evidence({ podIdentityAssociations: denied() }), 'UNKNOWN denied'],
    ['the add-ons were denied', evidence({ addons: denied(), vpcCni: { state: 'not-listed' } }), 'UNKNOWN denied'],
    [
      'sts missing, the associations denied',
      evidence({ fargateProfiles: fargate, podIdentityAssociations: denied() }),
      'FAIL missing',
    ],
    [
      'sts there, the associations denied',
      evidence({ fargateProfiles: fargate, podIdentityAssociations: denied(), network: having('sts') }),
      'UNKNOWN denied',
    ],
    [
      'eks-auth missing where PrivateLink does not offer it',
      evidence({ ...podIdentity, network: { ...network(), offeredServices: read([`com.amazonaws.${REGION}.ec2`]) } }),
      'NOT_APPLICABLE not-offered',
    ],
    [
      'eks-auth missing, and what is offered is not known',
      evidence({ ...podIdentity, network: { ...network(), offeredServices: denied() } }),
      'UNKNOWN denied',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('configured services count as used, and the message names the one that is missing', () => {
    const settings = { services: ['kms', 'sts'] };
    expect(verdictOf(ID, evidence({ network: having('sts') }), { settings })).toMatchObject({
      status: 'FAIL',
      message: 'kms: no endpoint',
    });
    expect(outcome(ID, evidence({ network: having('sts', 'kms') }), { settings })).toBe('PASS holds');
  });
});
