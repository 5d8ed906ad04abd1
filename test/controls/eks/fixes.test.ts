import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { Fix } from '#domain/verdict.ts';
import {
  acl,
  CLUSTER_GROUP,
  cluster,
  ENDPOINT_GROUP,
  endpoint,
  endpointsWith,
  evidence,
  group,
  instance,
  network,
  nodeGroup,
  podIdentities,
  REGION,
  read,
  route,
  rule,
  subnet,
  table,
  template,
  verdicts,
  vpc,
  withCluster,
  withEndpoints,
  withGroups,
  withNetwork,
  withNodeGroup,
  withRoutes,
  withVpc,
} from './builders.ts';

/** Of every way to fail: a remedy that can be pasted, with the ids of this very cluster, as a command and as CloudFormation. */

const ec2With = (change: Parameters<typeof endpoint>[1]) => withEndpoints(...endpointsWith('ec2', change));
const subnets = (...list: ReturnType<typeof subnet>[]) => withNetwork({ subnets: read(list) });
const extra = (id: string) => cluster({ securityGroupIds: given([id]) });
const neighbour = (additional: string[], own = 'sg-other') => [
  { name: 'other', groups: read({ additional, own: given(own) }) },
];
const SMALL = read([read(nodeGroup({ instanceTypes: given(['t3.small']) }))]);
const cni = (text: string): EksEvidence['vpcCni'] => ({ state: 'listed', configuration: read(given(text)) });
const SHUT_NODES = evidence({
  nodeGroups: read([read(nodeGroup({ launchTemplate: template({ securityGroupIds: ['sg-nodes'] }) }))]),
  network: network({
    securityGroups: read([CLUSTER_GROUP, ENDPOINT_GROUP, { ...group('sg-nodes', []), egress: given([]) }]),
  }),
});

/** Control and reason, and evidence that fails that way. */
const KINDS: readonly (readonly [control: string, reason: string, EksEvidence])[] = [
  ['eks-endpoint-public', 'public-open', withCluster({ endpointPublicAccess: given(true) })],
  [
    'eks-endpoint-public',
    'public-restricted',
    withCluster({ endpointPublicAccess: given(true), publicAccessCidrs: given(['203.0.113.0/24']) }),
  ],
  [
    'eks-endpoint-public',
    'hybrid-both-endpoints',
    withCluster({
      endpointPublicAccess: given(true),
      publicAccessCidrs: given(['203.0.113.0/24']),
      remoteNodeNetworks: given(['10.200.0.0/16']),
    }),
  ],
  [
    'eks-endpoint-private',
    'private-off',
    withCluster({ endpointPublicAccess: given(true), endpointPrivateAccess: given(false) }),
  ],
  ['eks-vpc-endpoints', 'missing', withEndpoints(...endpointsWith('ec2'))],
  ['eks-vpc-endpoints', 'wrong-state', ec2With({ state: 'failed' })],
  ['eks-vpc-endpoints', 'private-dns-off', ec2With({ privateDns: given(false) })],
  ['eks-vpc-endpoints', 'private-dns-off', withVpc({ dnsSupport: read(given(false)) })],
  ['eks-vpc-endpoints', 'port-443-closed', withGroups(group('sg-endpoints', [rule({ ranges: ['10.0.1.0/24'] })]))],
  ['eks-vpc-endpoints', 'node-egress-443-closed', SHUT_NODES],
  ['eks-vpc-endpoints', 'network-acl', withNetwork({ networkAcls: read([acl({ rules: [] })]) })],
  ['eks-endpoint-private', 'network-acl', withNetwork({ networkAcls: read([acl({ rules: [] })]) })],
  ['eks-vpc-endpoints', 'route-table-not-associated', withEndpoints(...endpointsWith('s3', { routeTableIds: [] }))],
  ['eks-vpc-endpoints', 'address-family', ec2With({ addressType: given('ipv6') })],
  [
    'eks-vpc-endpoints',
    'private-dns-inbound-only',
    withEndpoints(...endpointsWith('s3'), endpoint('s3', { privateDnsOnlyForInboundResolver: given(true) })),
  ],
  ['eks-vpc-endpoints-used', 'missing', evidence({ podIdentityAssociations: podIdentities('app-1') })],
  ['eks-node-egress', 'internet-route', withRoutes(route('0.0.0.0/0', 'internet-gateway', 'igw-1'))],
  ['eks-node-egress', 'internet-route', withRoutes(route('::/0', 'egress-only-gateway', 'eigw-1'))],
  ['eks-node-public-address', 'subnet-maps-public', subnets(subnet(1, { mapsPublicAddress: given(true) }), subnet(2))],
  [
    'eks-node-public-address',
    'launch-template',
    withNodeGroup({
      launchTemplate: template({ associatePublicAddress: given(true), securityGroupIds: ['sg-nodes'] }),
    }),
  ],
  [
    'eks-node-public-address',
    'instance-public-address',
    evidence({ instances: read([instance({ publicAddress: true })]) }),
  ],
  ['eks-node-public-address', 'not-found', subnets(subnet(1))],
  ['eks-vpc-dns', 'dns-support-off', withVpc({ dnsSupport: read(given(false)) })],
  ['eks-vpc-dns', 'dns-hostnames-off', withVpc({ dnsHostnames: read(given(false)) })],
  ['eks-subnet-zones', 'one-zone', subnets(subnet(1), subnet(2, { zoneId: given('apne1-az1') }))],
  ['eks-subnet-zones', 'not-found', subnets(subnet(1))],
  ['eks-subnet-tags', 'missing', subnets(subnet(1, { tags: [] }), subnet(2, { tags: [] }))],
  ['eks-subnet-tags', 'missing', subnets(subnet(1), subnet(2, { zoneId: given('apne1-az1') }))],
  ['eks-subnet-addresses', 'too-few', subnets(subnet(1, { freeAddresses: given(3) }), subnet(2))],
  ['eks-subnet-addresses', 'below-recommended', subnets(subnet(1, { freeAddresses: given(8) }), subnet(2))],
  ['eks-subnet-addresses', 'not-found', subnets(subnet(1))],
  ['eks-pod-capacity', 'too-few-pods', evidence({ nodeGroups: SMALL, vpcCni: cni('{}') })],
  [
    'eks-pod-capacity',
    'too-few-pods',
    evidence({
      nodeGroups: SMALL,
      vpcCni: cni('{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'),
      network: network({ instanceTypes: read([{ name: 't3.small', interfaces: 1, addressesPerInterface: 2 }]) }),
    }),
  ],
  ['eks-pod-capacity', 'too-few-addresses', withNodeGroup({ maxSize: given(1000) })],
  ['eks-pod-capacity', 'not-found', withNodeGroup({ instanceTypes: given(['m5.huge']) })],
  ['eks-pod-capacity', 'not-found', withNodeGroup({ subnetIds: given(['subnet-9']) })],
  [
    'eks-security-group-dedicated',
    'shared',
    evidence({ cluster: read(extra('sg-extra')), neighbours: neighbour(['sg-extra']) }),
  ],
  ['eks-security-group-dedicated', 'lent', evidence({ neighbours: neighbour(['sg-cluster']) })],
  [
    'eks-security-group-dedicated',
    'default-group',
    {
      ...withGroups(group('sg-default', [], 'default')),
      cluster: read(extra('sg-default')),
    },
  ],
  ['eks-security-group-dedicated', 'not-found', evidence({ cluster: read(extra('sg-gone')) })],
  [
    'eks-security-group-ingress',
    'public-range',
    withGroups(group('sg-cluster', [rule({ ranges: ['0.0.0.0/0', '::/0'] })])),
  ],
  ['eks-security-group-ingress', 'not-found', evidence({ cluster: read(extra('sg-gone')) })],
  ['eks-connected-networks', 'port-443-closed', evidence()],
  ['eks-connected-networks', 'not-found', evidence({ cluster: read(extra('sg-gone')) })],
  ['eks-node-proxy', 'proxy-missing', withNodeGroup({ launchTemplate: template({ setsProxy: given(false) }) })],
  [
    'eks-node-proxy',
    'no-proxy-missing',
    withNodeGroup({ launchTemplate: template({ setsProxy: given(true), noProxy: given([]) }) }),
  ],
  ['eks-cluster-role', 'missing', evidence({ rolePolicies: read<string[]>([]) })],
  ['eks-control-plane-egress', 'aws-managed', withCluster({ controlPlaneEgressMode: given('AWS_MANAGED') })],
  ['eks-audit-log', 'log-off', withCluster({ enabledLogs: given(['audit']) })],
  ['eks-secrets-encryption', 'not-encrypted', withCluster({ encryptedResources: given([]), version: given('1.27') })],
  ['eks-secrets-encryption', 'aws-owned-key', withCluster({ encryptedResources: given([]) })],
  ['eks-network-policy', 'off', evidence({ vpcCni: cni('{}') })],
  ['eks-access-mode', 'config-map', withCluster({ authenticationMode: given('CONFIG_MAP') })],
];

const SETTINGS = {
  'eks-connected-networks': { ranges: ['10.100.0.0/16'] },
  'eks-node-proxy': { required: true },
  'eks-pod-capacity': { podsPerNode: 30 },
  'eks-cluster-admins': { allowed: ['arn:aws:iam::1:role/other'] },
  'eks-secrets-encryption': { customerKey: true },
};

function fixOf(control: string, reason: string, of: EksEvidence): Fix {
  const verdict = verdicts(of, 'closed', SETTINGS).get(control);
  expect(`${verdict?.status} ${verdict?.reason}`).toBe(`FAIL ${reason}`);
  const fix = verdict?.status === 'FAIL' ? verdict.fix : undefined;
  if (fix === undefined) throw new Error(`${control} ${reason} has no fix`);
  return fix;
}

/** Names that only this cluster's evidence holds. */
const OWN_ID = /\b(subnet|sg|vpce|rtb|vpc|acl|lt|i)-[\w.]+|\b(shop|other|cluster-role)\b/;

describe.each(KINDS)('the fix of %s %s', (control, reason, of) => {
  test('has a command and CloudFormation, with ids of the cluster in both', () => {
    const { commands, fragments } = fixOf(control, reason, of);
    expect(commands.length).toBeGreaterThan(0);
    expect(fragments.length).toBeGreaterThan(0);
    for (const command of commands) {
      expect(command).toMatch(/^aws (eks|ec2|iam) [a-z-]+ /);
      expect(command).toMatch(OWN_ID);
      // IAM has no regions.
      if (!command.startsWith('aws iam')) expect(command).toContain(`--region ${REGION} `);
    }
    for (const { code } of fragments) expect(parseDocument(code).errors).toEqual([]);
    expect(fragments.map(({ code }) => code).join('\n')).toMatch(OWN_ID);
  });

  test('says nothing of another region, partition or account', () => {
    const china: EksEvidence = {
      ...of,
      region: 'cn-north-1',
      partition: 'aws-cn',
      network: {
        ...of.network,
        vpcs: read(
          (of.network.vpcs.state === 'collected' ? of.network.vpcs.value : []).map((entry) => ({
            ...entry,
            endpoints:
              entry.endpoints.state === 'collected'
                ? read(
                    entry.endpoints.value.map((one) => ({
                      ...one,
                      serviceName: one.serviceName.replace(REGION, 'cn-north-1'),
                    })),
                  )
                : entry.endpoints,
          })),
        ),
      },
    };
    const text = JSON.stringify(fixOf(control, reason, china));
    expect(text).not.toContain(REGION);
    expect(text).not.toContain('arn:aws:');
  });
});

describe('the group of a new endpoint', () => {
  const commandOf = (of: EksEvidence) => fixOf('eks-vpc-endpoints', 'missing', of).commands.join('\n');

  test('is that of the endpoints beside it', () => {
    expect(commandOf(withEndpoints(...endpointsWith('ec2')))).toContain('--security-group-ids sg-endpoints');
  });

  test('is the cluster’s own, which admits its members, where there is none beside it and every node carries it', () => {
    expect(commandOf(withEndpoints())).toContain('--security-group-ids sg-cluster');
  });

  test('is left to the reader where neither is known', () => {
    const of = {
      ...withEndpoints(),
      cluster: read(cluster({ clusterSecurityGroupId: ABSENT })),
    };
    expect(commandOf(of)).toContain("--security-group-ids '<a group that admits 443 from the nodes>'");
  });

  test('one subnet per zone: an endpoint takes no more', () => {
    const three = {
      ...withEndpoints(),
      network: network({
        vpcs: read([vpc({ endpoints: read([]), routeTables: read([table({ subnetIds: [] })]) })]),
        subnets: read([subnet(1), subnet(2), subnet(3, { zoneId: given('apne1-az1') })]),
      }),
      nodeGroups: read([read(nodeGroup({ subnetIds: given(['subnet-1', 'subnet-2', 'subnet-3']) }))]),
    };
    expect(commandOf(three)).toContain('--subnet-ids subnet-1 subnet-2 --private-dns-enabled');
  });
});
