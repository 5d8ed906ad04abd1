import { describe, expect, test } from 'vitest';
import { permissions } from '#collectors/aws/index.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { refusal } from '#estate/aws/wire.ts';
import { context, evidenceOf, play } from './harness.ts';
import { world } from './world.ts';

/** The parts of the evidence that each permission feeds, as paths; `*` stands for every entry. */
const FEEDS: Readonly<
  Record<Exclude<(typeof permissions)[number], 'eks:ListClusters' | 'ec2:DescribeRegions'>, readonly string[]>
> = {
  'eks:DescribeCluster': [
    'cluster',
    'nodeGroups',
    'fargateProfiles',
    'instances',
    'addons',
    'podIdentityAssociations',
    'rolePolicies',
    'accessEntries',
  ],
  'eks:ListNodegroups': ['nodeGroups'],
  'eks:DescribeNodegroup': ['nodeGroups.value.0'],
  'ec2:DescribeLaunchTemplateVersions': ['nodeGroups.value.0.value.launchTemplate.content'],
  'eks:ListFargateProfiles': ['fargateProfiles'],
  'eks:DescribeFargateProfile': ['fargateProfiles.value.0'],
  'eks:ListAddons': ['addons'],
  'eks:DescribeAddon': ['vpcCni.configuration', 'addonDescriptions.0.description'],
  'eks:ListAccessEntries': ['accessEntries'],
  'eks:ListAssociatedAccessPolicies': ['accessEntries.value.0.policies'],
  'elasticloadbalancing:DescribeLoadBalancers': ['network.loadBalancers'],
  'elasticloadbalancing:DescribeTags': ['network.loadBalancers.value.facing.0.tags'],
  'elasticloadbalancing:DescribeTargetGroups': ['network.loadBalancers.value.facing.0.targets'],
  'elasticloadbalancing:DescribeTargetHealth': ['network.loadBalancers.value.facing.0.targets'],
  'eks:ListPodIdentityAssociations': ['podIdentityAssociations'],
  'iam:ListAttachedRolePolicies': ['rolePolicies'],
  'ec2:DescribeInstances': ['instances'],
  'ec2:DescribeSubnets': ['network.subnets'],
  'ec2:DescribeVpcs': ['network.vpcs'],
  'ec2:DescribeVpcAttribute': ['network.vpcs.value.0.dnsSupport', 'network.vpcs.value.0.dnsHostnames'],
  'ec2:DescribeDhcpOptions': ['network.vpcs.value.0.nameServers'],
  'ec2:DescribeRouteTables': ['network.vpcs.value.0.routeTables'],
  'ec2:DescribeVpcEndpoints': ['network.vpcs.value.0.endpoints'],
  'ec2:DescribeSecurityGroups': ['network.securityGroups'],
  'ec2:DescribeNatGateways': ['network.natGateways'],
  'ec2:DescribeNetworkAcls': ['network.networkAcls'],
  'ec2:DescribeNetworkInterfaces': ['network.interfaces'],
  'ec2:DescribeManagedPrefixLists': ['network.prefixListOwners'],
  'ec2:GetManagedPrefixListEntries': ['network.prefixLists'],
  'ec2:DescribeVpcBlockPublicAccessExclusions': ['network.blockExclusions'],
  'ec2:DescribeVpcEndpointServices': ['network.offeredServices', 'network.privateNames'],
  'ec2:DescribeInstanceTypes': ['network.instanceTypes'],
  'route53profiles:ListProfileAssociations': ['network.vpcs.value.0.profiles'],
  'route53profiles:ListProfileResourceAssociations': ['network.vpcs.value.0.profiles'],
  'route53resolver:ListResolverRuleAssociations': ['network.vpcs.value.0.forwardedDomains'],
  'route53resolver:ListResolverRules': ['network.vpcs.value.0.forwardedDomains'],
  'route53:ListResourceRecordSets': ['network.vpcs.value.0.serviceZones.0.records'],
  'route53:ListHostedZonesByVPC': ['network.vpcs.value.0.hostedZones'],
};

/** Paths of all parts that are unavailable because of a denial. */
function deniedParts(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('state' in value && value.state === 'unavailable')
    return 'reason' in value && value.reason === 'denied' ? [path] : [];
  return Object.entries(value).flatMap(([key, entry]) => deniedParts(entry, path === '' ? key : `${path}.${key}`));
}

const code = (api: string) =>
  api.startsWith('ec2:') ? 'UnauthorizedOperation' : api.startsWith('eks:') ? 'AccessDeniedException' : 'AccessDenied';

describe('without one permission', () => {
  test.each(Object.entries(FEEDS))('%s: exactly its own parts are missing', async (api, parts) => {
    const { collect } = await play(
      world({ answers: { [api]: () => refusal(api.split(':')[0] ?? '', code(api), 403) } }),
    );
    const collection = await collect();
    const evidence: EksEvidence = evidenceOf(collection, 'alpha');
    expect([...deniedParts(evidence)].sort()).toEqual([...parts].sort());
    expect(new Set(collection.gaps.map((gap) => `${gap.reason} ${gap.api}`))).toEqual(new Set([`denied ${api}`]));
  });

  test('eks:ListClusters: nothing is known, and nothing may be closed', async () => {
    const { collect } = await play(
      world({ answers: { 'eks:ListClusters': () => refusal('eks', 'AccessDeniedException', 403) } }),
    );
    expect(await collect()).toMatchObject({
      subjects: [],
      inventoryComplete: false,
      gaps: [{ reason: 'denied', api: 'eks:ListClusters' }],
    });
  });

  test('every call of a whole reading is in the list, and nothing in the list is a wildcard or writes', async () => {
    const { collect, provider, server } = await play(world());
    await provider.plan(context());
    await collect();
    const hub = new Set(['sts:GetCallerIdentity']);
    expect(
      server.calls
        .map(({ api }) => api)
        .filter((api) => !hub.has(api) && !(permissions as readonly string[]).includes(api)),
    ).toEqual([]);
    for (const permission of permissions) expect(permission).toMatch(/^[a-z0-9]+:(Describe|List|Get)[A-Za-z0-9]+$/);
  });
});

describe('doctor', () => {
  test('names the one permission that is missing, and says of the others that they are there', async () => {
    const { provider } = await play(
      world({ answers: { 'ec2:DescribeNatGateways': () => refusal('ec2', 'UnauthorizedOperation', 403) } }),
    );
    const rows = await provider.doctor(context());
    expect(rows.map(({ permission }) => permission).sort()).toEqual([...permissions].sort());
    expect(rows.filter(({ outcome }) => outcome !== 'allowed')).toMatchObject([
      { permission: 'ec2:DescribeNatGateways', outcome: 'denied', account: '111111111111' },
    ]);
  });

  test('an account that cannot be entered is one row', async () => {
    const { provider } = await play(
      world({ answers: { 'sts:AssumeRole': () => refusal('sts', 'AccessDenied', 403) } }),
      {
        accounts: ['222222222222'],
        roleName: 'Scanner',
      },
    );
    expect(await provider.doctor(context())).toMatchObject([
      { permission: 'sts:AssumeRole', outcome: 'denied', account: '222222222222' },
    ]);
  });
});
