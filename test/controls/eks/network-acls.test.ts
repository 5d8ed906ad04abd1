import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksAcl, EksAclRule } from '#domain/evidence/eks-acls.ts';
import {
  acl,
  aclRule,
  CLUSTER_GROUP,
  cluster,
  denied,
  ENDPOINT_GROUP,
  ENDPOINTS,
  evidence,
  group,
  instance,
  network,
  nodeGroup,
  outcome,
  read,
  rule,
  subnet,
  table,
  template,
  verdictOf,
  vpc,
} from './builders.ts';

const SERVICES = 'eks-vpc-endpoints';
const API = 'eks-endpoint-private';

const both = (...rules: Partial<EksAclRule>[]) =>
  [true, false].flatMap((egress) => rules.map((change) => aclRule({ egress, ...change })));
const tcp = (number: number, from: number, to: number, change: Partial<EksAclRule> = {}) =>
  aclRule({ number, protocol: '6', fromPort: given(from), toPort: given(to), ...change });

/** Nodes in subnets 1 and 2, endpoints in subnet 3, the control plane in subnets 3 and 4: every call crosses a border. */
function apart(
  nodeAcl: Partial<EksAcl>,
  otherAcl: Partial<EksAcl> = {},
  change: Partial<EksEvidence> = {},
): EksEvidence {
  return evidence({
    cluster: read(cluster({ subnetIds: given(['subnet-3', 'subnet-4']) })),
    network: network({
      vpcs: read([
        vpc({
          endpoints: read(
            ENDPOINTS.map((entry) => ({ ...entry, subnetIds: entry.subnetIds.length === 0 ? [] : ['subnet-3'] })),
          ),
          routeTables: read([table({ subnetIds: ['subnet-1', 'subnet-2', 'subnet-3', 'subnet-4'] })]),
        }),
      ]),
      subnets: read([1, 2, 3, 4].map((number) => subnet(number))),
      networkAcls: read([
        acl({ id: 'acl-nodes', ...nodeAcl }),
        acl({ id: 'acl-others', subnetIds: ['subnet-3', 'subnet-4'], ...otherAcl }),
      ]),
    }),
    ...change,
  });
}

const DENY_ALL = both({ number: 100, action: 'deny' });
/** The rules that AWS's documentation gives a private subnet: 443 out, and the answers' ports in. */
const CLIENT_RULES = [tcp(100, 443, 443), tcp(100, 32_768, 65_535, { egress: false })];
const SERVER_RULES = [
  tcp(100, 443, 443, { egress: false, block: '10.0.0.0/16' }),
  tcp(100, 32_768, 65_535, { block: '10.0.0.0/16' }),
  // Subnets of the cluster may hold nodes too.
  tcp(110, 443, 443),
  tcp(110, 32_768, 65_535, { egress: false }),
];

describe.each([SERVICES, API])('%s across network ACLs', (id) => {
  test.each<[string, EksEvidence, string]>([
    ['everything is admitted', apart({}), 'PASS holds'],
    ['the node subnets deny all', apart({ rules: DENY_ALL }), 'FAIL network-acl'],
    ['the other subnets deny all', apart({}, { rules: DENY_ALL }), 'FAIL network-acl'],
    ['no rule at all: the default denies', apart({ rules: [] }), 'FAIL network-acl'],
    [
      'a deny of 443 before the allow',
      apart({ rules: [tcp(90, 443, 443, { action: 'deny' }), ...both({})] }),
      'FAIL network-acl',
    ],
    [
      'a deny of 443 after the allow',
      apart({ rules: [tcp(110, 443, 443, { action: 'deny' }), ...both({})] }),
      'PASS holds',
    ],
    [
      'a deny for a part of the node subnets, inbound',
      apart({}, { rules: [tcp(90, 443, 443, { egress: false, action: 'deny', block: '10.0.2.128/25' }), ...both({})] }),
      'FAIL network-acl',
    ],
    [
      'a deny for another subnet',
      apart({}, { rules: [tcp(90, 443, 443, { egress: false, action: 'deny', block: '10.0.9.0/24' }), ...both({})] }),
      'PASS holds',
    ],
    ['the answers have no rule', apart({ rules: [tcp(100, 443, 443)] }), 'FAIL network-acl'],
    [
      'the answers are refused on a part of the ports',
      apart({ rules: [tcp(100, 443, 443), tcp(100, 49_152, 65_535, { egress: false })] }),
      'FAIL network-acl',
    ],
    [
      "the answers are refused on ports of Windows' own",
      apart({ rules: [tcp(100, 443, 443), tcp(100, 1024, 60_999, { egress: false })] }),
      'UNKNOWN undecidable',
    ],
    [
      'only what a client needs, only what a server needs',
      apart({ rules: CLIENT_RULES }, { rules: SERVER_RULES }),
      'PASS holds',
    ],
    [
      'UDP alone is admitted',
      apart({ rules: both({ protocol: '17', fromPort: given(0), toPort: given(65_535) }) }),
      'FAIL network-acl',
    ],
    ['IPv6 alone is admitted', apart({ rules: both({ block: '::/0' }) }), 'FAIL network-acl'],
    ['TCP without ports', apart({ rules: both({ protocol: '6' }) }), 'UNKNOWN malformed-answer'],
    ['an ACL that the answer does not name', apart({ subnetIds: ['subnet-1'] }), 'UNKNOWN not-found'],
    [
      'not allowed to read them',
      evidence({ network: network({ networkAcls: denied('ec2:DescribeNetworkAcls') }) }),
      'UNKNOWN denied',
    ],
    [
      'inside one subnet no ACL is asked',
      evidence({
        cluster: read(cluster({ subnetIds: given(['subnet-1']) })),
        nodeGroups: read([read(nodeGroup({ subnetIds: given(['subnet-1']) }))]),
        network: network({
          vpcs: read([vpc({ endpoints: read(ENDPOINTS.map((entry) => ({ ...entry, subnetIds: ['subnet-1'] }))) })]),
          // The gateway endpoint is outside the subnet: its addresses are admitted.
          networkAcls: read([
            acl({ rules: both({ number: 90, action: 'deny', block: '10.0.0.0/8' }, { number: 100 }) }),
          ]),
        }),
      }),
      'PASS holds',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(id, of)).toBe(expected);
  });
});

describe('the finding', () => {
  const of = apart({}, { rules: [tcp(90, 443, 443, { egress: false, action: 'deny' }), ...both({})] });

  test('names the rule, and its fix admits more and removes nothing', () => {
    const verdict = verdictOf(SERVICES, of);
    expect(verdict.message).toContain(
      'ec2: vpce-ec2 is not reached from subnet-1 to subnet-3: acl-others rule 90 refuses port 443 inbound',
    );
    expect(verdict.status === 'FAIL' && verdict.fix?.commands[0]).toBe(
      'aws ec2 create-network-acl-entry --region ap-northeast-1 --network-acl-id acl-others --rule-number 89 --protocol 6 --rule-action allow --ingress --cidr-block 10.0.1.0/24 --port-range From=443,To=443',
    );
    expect(verdict.proof.find(({ field }) => field === 'subnet-1/ec2')?.hops).toEqual([
      'subnet-1',
      'acl-nodes rule 100',
      'acl-others rule 90',
      'ec2.ap-northeast-1.amazonaws.com not reached: network-acl',
    ]);
  });

  test('an answer that is refused ends the path on its way back', () => {
    const back = apart({ rules: [tcp(100, 443, 443)] });
    expect(verdictOf(SERVICES, back).proof.find(({ field }) => field === 'subnet-2/ec2')?.hops).toEqual([
      'subnet-2',
      'acl-nodes rule 100',
      'acl-others rule 100',
      'vpce-ec2',
      'acl-others rule 100 (answer)',
      'acl-nodes rule * (answer)',
      'ec2.ap-northeast-1.amazonaws.com not reached: network-acl',
    ]);
  });
});

describe('what was not read of the way', () => {
  const endpointsElsewhere = (rules: EksAclRule[]) =>
    evidence({
      network: network({
        vpcs: read([vpc({ endpoints: read(ENDPOINTS.map((entry) => ({ ...entry, subnetIds: ['subnet-8'] }))) })]),
        networkAcls: read([acl({ rules }), acl({ id: 'acl-8', subnetIds: ['subnet-8'] })]),
      }),
    });

  test.each<[string, EksAclRule[], string]>([
    ['everything is admitted, wherever the endpoint is', both({}), 'PASS holds'],
    ['nothing is admitted, wherever the endpoint is', DENY_ALL, 'FAIL network-acl'],
    [
      'it depends on the range of the subnet',
      both({ number: 90, action: 'deny', block: '10.0.8.0/22' }, {}),
      'UNKNOWN undecidable',
    ],
  ])("the endpoint's subnet: %s", (_case, rules, expected) => {
    expect(outcome(SERVICES, endpointsElsewhere(rules))).toBe(expected);
  });

  test.each<[string, EksAclRule[], string]>([
    ['private addresses alone are admitted', both({ block: '10.0.0.0/8' }), 'FAIL network-acl'],
    [
      'a part of the public addresses is admitted',
      both({ block: '10.0.0.0/8' }, { number: 110, block: '52.0.0.0/8' }),
      'UNKNOWN undecidable',
    ],
  ])("the addresses of S3's gateway endpoint: %s", (_case, rules, expected) => {
    const of = evidence({ network: network({ networkAcls: read([acl({ rules })]) }) });
    expect(outcome(SERVICES, of)).toBe(expected);
    expect(outcome(API, of)).toBe('PASS holds');
  });
});

describe("the control plane's interfaces", () => {
  /** A cluster with this many subnets of its own, of which the first ones refuse. */
  const refusing = (refused: number, all: number) => {
    const ids = Array.from({ length: all }, (_, index) => `subnet-${index + 3}`);
    return apart(
      {},
      { subnetIds: ids.slice(refused) },
      {
        cluster: read(cluster({ subnetIds: given(ids) })),
        nodeGroups: read([read(nodeGroup({ subnetIds: given(['subnet-1']) }))]),
      },
    );
  };
  const withRefusal = (refused: number, all: number) => {
    const of = refusing(refused, all);
    const ids = Array.from({ length: refused }, (_, index) => `subnet-${index + 3}`);
    const { networkAcls } = of.network;
    if (networkAcls.state === 'unavailable') throw new Error('no ACLs');
    return {
      ...of,
      network: {
        ...of.network,
        subnets: read(Array.from({ length: all + 2 }, (_, index) => subnet(index + 1))),
        networkAcls: read([
          ...networkAcls.value,
          acl({
            id: 'acl-shut',
            subnetIds: ids,
            rules: both({ number: 90, action: 'deny', block: '10.0.1.0/24' }, {}),
          }),
        ]),
      },
    };
  };

  test.each([
    [1, 2, 'FAIL network-acl'],
    [2, 3, 'FAIL network-acl'],
    [1, 3, 'UNKNOWN undecidable'],
    [3, 3, 'FAIL network-acl'],
  ])('%i of %i subnets refuse', (refused, all, expected) => {
    expect(outcome(API, withRefusal(refused, all))).toBe(expected);
  });
});

describe('eks-endpoint-private: 443 from the nodes to the group of the cluster', () => {
  const own = read([read(nodeGroup({ launchTemplate: template({ securityGroupIds: ['sg-nodes'] }) }))]);
  const withGroups = (...groups: ReturnType<typeof group>[]) =>
    evidence({ nodeGroups: own, network: network({ securityGroups: read([ENDPOINT_GROUP, ...groups]) }) });
  const nodes = group('sg-nodes', []);
  const admitting = (change: Parameters<typeof rule>[0]) =>
    group('sg-cluster', [...CLUSTER_GROUP.ingress, rule(change)]);

  test.each<[string, EksEvidence, string]>([
    ['the nodes carry the group of the cluster', evidence(), 'PASS holds'],
    [
      'whose rule for its members EKS makes again',
      evidence({ network: network({ securityGroups: read([ENDPOINT_GROUP, { ...CLUSTER_GROUP, ingress: [] }]) }) }),
      'PASS holds',
    ],
    [
      'nodes of another group, which the cluster does not admit',
      withGroups(CLUSTER_GROUP, nodes),
      'FAIL port-443-closed',
    ],
    ['admitted by group', withGroups(admitting({ groupIds: ['sg-nodes'] }), nodes), 'PASS holds'],
    ['admitted by range', withGroups(admitting({ ranges: ['10.0.1.0/24', '10.0.2.0/24'] }), nodes), 'PASS holds'],
    [
      'one of two subnets is admitted',
      withGroups(admitting({ ranges: ['10.0.1.0/24'] }), nodes),
      'FAIL port-443-closed',
    ],
    [
      'another port is admitted',
      withGroups(admitting({ groupIds: ['sg-nodes'], fromPort: given(1025), toPort: given(65_535) }), nodes),
      'FAIL port-443-closed',
    ],
    [
      'by a prefix list that was not read',
      withGroups(admitting({ prefixListIds: ['pl-9'] }), nodes),
      'UNKNOWN not-found',
    ],
    [
      'the nodes let nothing out to it',
      withGroups(admitting({ groupIds: ['sg-nodes'] }), {
        ...nodes,
        egress: given([rule({ fromPort: given(53), toPort: given(53), ranges: ['10.0.0.0/16'] })]),
      }),
      'FAIL node-egress-443-closed',
    ],
    [
      'an additional group of the cluster admits them',
      evidence({
        nodeGroups: own,
        cluster: read(cluster({ securityGroupIds: given(['sg-extra']) })),
        network: network({
          securityGroups: read([
            ENDPOINT_GROUP,
            CLUSTER_GROUP,
            nodes,
            group('sg-extra', [rule({ groupIds: ['sg-nodes'] })]),
          ]),
        }),
      }),
      'PASS holds',
    ],
    [
      'an own instance outside the groups',
      evidence({
        instances: read([instance({ groupIds: ['sg-nodes'] })]),
        network: network({ securityGroups: read([ENDPOINT_GROUP, CLUSTER_GROUP, nodes]) }),
      }),
      'FAIL port-443-closed',
    ],
    [
      'the template was not read',
      evidence({
        nodeGroups: read([
          read(nodeGroup({ launchTemplate: { use: 'template', id: 'lt-1', version: '1', content: denied() } })),
        ]),
      }),
      'UNKNOWN denied',
    ],
    ['the groups were not read', evidence({ network: network({ securityGroups: denied() }) }), 'UNKNOWN denied'],
    ['the node groups were not read', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    [
      'the group is not named',
      evidence({ cluster: read(cluster({ clusterSecurityGroupId: { state: 'absent' } })) }),
      'UNKNOWN absent-field',
    ],
    [
      'Auto Mode without a node group',
      evidence({ cluster: read(cluster({ autoMode: given(true) })), nodeGroups: read<never[]>([]) }),
      'PASS holds',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(API, of)).toBe(expected);
  });
});
