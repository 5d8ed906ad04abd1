import { describe, expect, test } from 'vitest';
import { permissions } from '#collectors/aws/permissions.ts';
import { eksControls } from '#controls/eks/index.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { denied, verdicts } from './builders.ts';
import { eksSamples } from './samples.ts';

/** Makes exactly the parts unavailable that the permission feeds; paths as in the collector's own test, `*` for every entry. */
const FEEDS: Readonly<Record<string, readonly string[]>> = {
  'eks:DescribeCluster': ['cluster'],
  'eks:ListNodegroups': ['nodeGroups'],
  'eks:DescribeNodegroup': ['nodeGroups.value.*'],
  'ec2:DescribeLaunchTemplateVersions': ['nodeGroups.value.*.value.launchTemplate.content'],
  'eks:ListFargateProfiles': ['fargateProfiles'],
  'eks:DescribeFargateProfile': ['fargateProfiles.value.*'],
  'eks:ListAddons': ['addons'],
  'eks:DescribeAddon': ['vpcCni.configuration', 'addonDescriptions.*.description'],
  'eks:ListAccessEntries': ['accessEntries'],
  'eks:ListAssociatedAccessPolicies': ['accessEntries.value.*.policies'],
  'elasticloadbalancing:DescribeLoadBalancers': ['network.loadBalancers'],
  'elasticloadbalancing:DescribeTags': ['network.loadBalancers.value.facing.*.tags'],
  'elasticloadbalancing:DescribeTargetGroups': ['network.loadBalancers.value.facing.*.targets'],
  'elasticloadbalancing:DescribeTargetHealth': ['network.loadBalancers.value.facing.*.targets'],
  'eks:ListPodIdentityAssociations': ['podIdentityAssociations'],
  'iam:ListAttachedRolePolicies': ['rolePolicies'],
  'ec2:DescribeInstances': ['instances'],
  'ec2:DescribeSubnets': ['network.subnets'],
  'ec2:DescribeVpcs': ['network.vpcs'],
  'ec2:DescribeVpcAttribute': ['network.vpcs.value.*.dnsSupport', 'network.vpcs.value.*.dnsHostnames'],
  'ec2:DescribeDhcpOptions': ['network.vpcs.value.*.nameServers'],
  'ec2:DescribeRouteTables': ['network.vpcs.value.*.routeTables'],
  'ec2:DescribeVpcEndpoints': ['network.vpcs.value.*.endpoints'],
  'ec2:DescribeSecurityGroups': ['network.securityGroups'],
  'ec2:DescribeNatGateways': ['network.natGateways'],
  'ec2:DescribeNetworkInterfaces': ['network.interfaces'],
  'ec2:DescribeManagedPrefixLists': ['network.prefixListOwners'],
  'ec2:DescribeNetworkAcls': ['network.networkAcls'],
  'ec2:GetManagedPrefixListEntries': ['network.prefixLists'],
  'ec2:DescribeVpcBlockPublicAccessExclusions': ['network.blockExclusions'],
  'ec2:DescribeVpcEndpointServices': ['network.offeredServices', 'network.privateNames'],
  'ec2:DescribeInstanceTypes': ['network.instanceTypes'],
  'route53profiles:ListProfileAssociations': ['network.vpcs.value.*.profiles'],
  'route53profiles:ListProfileResourceAssociations': ['network.vpcs.value.*.profiles'],
  'route53resolver:ListResolverRuleAssociations': ['network.vpcs.value.*.forwardedDomains'],
  'route53resolver:ListResolverRules': ['network.vpcs.value.*.forwardedDomains'],
  'route53:ListResourceRecordSets': ['network.vpcs.value.*.serviceZones.*.records'],
  'route53:ListHostedZonesByVPC': ['network.vpcs.value.*.hostedZones'],
};

/** Without them the cluster is not even found, which the target's coverage tells. */
const BEFORE_CLUSTERS = ['ec2:DescribeRegions', 'eks:ListClusters'];

function lose(value: unknown, [key, ...rest]: readonly string[], api: string): unknown {
  if (key === undefined) return denied(api);
  if (Array.isArray(value)) return value.map((part) => lose(part, rest, api));
  const record = value as Readonly<Record<string, unknown>>;
  return record[key] === undefined ? value : { ...record, [key]: lose(record[key], rest, api) };
}

function without(api: string, evidence: EksEvidence): EksEvidence {
  const lost = (FEEDS[api] ?? []).reduce<unknown>((part, path) => lose(part, path.split('.'), api), evidence);
  return (
    api === 'eks:ListAddons' ? { ...(lost as EksEvidence), vpcCni: { state: 'not-listed' } } : lost
  ) as EksEvidence;
}

const PARAMETERS = {
  'eks-connected-networks': { ranges: ['10.0.0.0/16'] },
  'eks-node-proxy': { required: true },
  'eks-cluster-admins': { allowed: ['arn:aws:iam::111111111111:role/other'] },
  'eks-pod-capacity': { podsPerNode: 30 },
};

/** Over all samples: what one of them does not lean on, another one does. */
function changes(api: string) {
  return eksSamples.flatMap(({ name, evidence }) => {
    const before = verdicts(evidence, 'closed', PARAMETERS);
    return [...verdicts(without(api, evidence), 'closed', PARAMETERS)].flatMap(([id, after]) => {
      const was = before.get(id);
      return was?.status === after.status && was.reason === after.reason
        ? []
        : [{ id, name, outcome: `${after.status} ${after.reason}` }];
    });
  });
}

describe('without one permission', () => {
  test('every permission is in the table', () => {
    expect([...Object.keys(FEEDS), ...BEFORE_CLUSTERS].sort()).toEqual([...permissions].sort());
  });

  test.each(Object.keys(FEEDS))(
    '%s: only controls that name it among their needs are UNKNOWN denied, and at least one is',
    (api) => {
      const blinded = changes(api).filter(({ outcome }) => outcome === 'UNKNOWN denied');
      const needing = eksControls.filter(({ needs }) => needs.includes(api)).map(({ id }) => id);
      expect(blinded.length).toBeGreaterThan(0);
      expect(needing).toEqual(expect.arrayContaining(blinded.map(({ id }) => id)));
    },
  );

  test.each(Object.keys(FEEDS))('%s: no verdict changes in another way', (api) => {
    // A FAIL may name what is left of it: the defect that was seen first may be the one that is not seen any more.
    expect(changes(api).filter(({ outcome }) => outcome !== 'UNKNOWN denied' && !outcome.startsWith('FAIL'))).toEqual(
      [],
    );
  });
});
