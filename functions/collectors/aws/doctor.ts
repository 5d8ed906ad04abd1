import {
  DescribeDhcpOptionsCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcBlockPublicAccessExclusionsCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  GetManagedPrefixListEntriesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribeFargateProfileCommand,
  DescribeNodegroupCommand,
  ListAccessEntriesCommand,
  ListAddonsCommand,
  ListAssociatedAccessPoliciesCommand,
  ListClustersCommand,
  ListFargateProfilesCommand,
  ListNodegroupsCommand,
  ListPodIdentityAssociationsCommand,
} from '@aws-sdk/client-eks';
import { DescribeLoadBalancersCommand as DescribeClassicCommand } from '@aws-sdk/client-elastic-load-balancing';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import { ListHostedZonesByVPCCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import type { CollectContext, DoctorRow, Plan } from '#domain/collection.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { PlannedTarget, Target } from '#domain/target.ts';
import type { Refusal } from '../transport/refusal.ts';
import type { Accounts } from './accounts.ts';
import { isNotThere, resolverRequest } from './central-dns.ts';
import { classify } from './errors.ts';
import { permissions } from './permissions.ts';
import type { AwsSession, RegionClients } from './session.ts';

type MemberPermission = (typeof permissions)[number];

/** Names that exist nowhere: a permitted call answers "not found", a forbidden one answers that it is forbidden. */
const NOWHERE = {
  cluster: 'ringfence-doctor',
  vpc: 'vpc-00000000000000000',
  list: 'pl-00000000000000000',
  template: 'lt-00000000000000000',
  profile: 'rp-00000000000000000',
  principal: 'arn:aws:iam::000000000000:role/ringfence-doctor',
  balancer: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/ringfence-doctor/0000000000000000',
  targets: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/ringfence-doctor/0000000000000000',
  zone: 'Z00000000000000000000',
};

type Try = (clients: RegionClients, abortSignal: AbortSignal, region: string) => Promise<unknown>;

const TRIES: Readonly<Record<MemberPermission, Try>> = {
  'ec2:DescribeDhcpOptions': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeDhcpOptionsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeInstances': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeInstanceTypes': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeInstanceTypesCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeLaunchTemplateVersions': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: NOWHERE.template }), { abortSignal }),
  'ec2:DescribeManagedPrefixLists': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeManagedPrefixListsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeNetworkInterfaces': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeNatGateways': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeNatGatewaysCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeNetworkAcls': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeNetworkAclsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeRegions': ({ ec2 }, abortSignal) => ec2.send(new DescribeRegionsCommand({}), { abortSignal }),
  'ec2:DescribeRouteTables': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeRouteTablesCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeSecurityGroups': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeSubnets': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeVpcAttribute': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeVpcAttributeCommand({ VpcId: NOWHERE.vpc, Attribute: 'enableDnsSupport' }), { abortSignal }),
  'ec2:DescribeVpcBlockPublicAccessExclusions': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeVpcBlockPublicAccessExclusionsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeVpcEndpointServices': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeVpcEndpointServicesCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeVpcEndpoints': ({ ec2 }, abortSignal) =>
    ec2.send(new DescribeVpcEndpointsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:DescribeVpcs': ({ ec2 }, abortSignal) => ec2.send(new DescribeVpcsCommand({ MaxResults: 5 }), { abortSignal }),
  'ec2:GetManagedPrefixListEntries': ({ ec2 }, abortSignal) =>
    ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: NOWHERE.list }), { abortSignal }),
  'eks:DescribeAddon': ({ eks }, abortSignal) =>
    eks.send(new DescribeAddonCommand({ clusterName: NOWHERE.cluster, addonName: 'vpc-cni' }), { abortSignal }),
  'eks:DescribeCluster': ({ eks }, abortSignal) =>
    eks.send(new DescribeClusterCommand({ name: NOWHERE.cluster }), { abortSignal }),
  'eks:DescribeFargateProfile': ({ eks }, abortSignal) =>
    eks.send(new DescribeFargateProfileCommand({ clusterName: NOWHERE.cluster, fargateProfileName: 'none' }), {
      abortSignal,
    }),
  'eks:DescribeNodegroup': ({ eks }, abortSignal) =>
    eks.send(new DescribeNodegroupCommand({ clusterName: NOWHERE.cluster, nodegroupName: 'none' }), { abortSignal }),
  'eks:ListAccessEntries': ({ eks }, abortSignal) =>
    eks.send(new ListAccessEntriesCommand({ clusterName: NOWHERE.cluster }), { abortSignal }),
  'eks:ListAddons': ({ eks }, abortSignal) =>
    eks.send(new ListAddonsCommand({ clusterName: NOWHERE.cluster }), { abortSignal }),
  'eks:ListAssociatedAccessPolicies': ({ eks }, abortSignal) =>
    eks.send(
      new ListAssociatedAccessPoliciesCommand({ clusterName: NOWHERE.cluster, principalArn: NOWHERE.principal }),
      { abortSignal },
    ),
  'eks:ListClusters': ({ eks }, abortSignal) => eks.send(new ListClustersCommand({ maxResults: 1 }), { abortSignal }),
  'eks:ListFargateProfiles': ({ eks }, abortSignal) =>
    eks.send(new ListFargateProfilesCommand({ clusterName: NOWHERE.cluster }), { abortSignal }),
  'eks:ListNodegroups': ({ eks }, abortSignal) =>
    eks.send(new ListNodegroupsCommand({ clusterName: NOWHERE.cluster }), { abortSignal }),
  'eks:ListPodIdentityAssociations': ({ eks }, abortSignal) =>
    eks.send(new ListPodIdentityAssociationsCommand({ clusterName: NOWHERE.cluster }), { abortSignal }),
  'elasticloadbalancing:DescribeLoadBalancers': async ({ elb, elbv2 }, abortSignal) => {
    await elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 1 }), { abortSignal });
    await elb.send(new DescribeClassicCommand({ PageSize: 1 }), { abortSignal });
  },
  'elasticloadbalancing:DescribeTags': ({ elbv2 }, abortSignal) =>
    elbv2.send(new DescribeTagsCommand({ ResourceArns: [NOWHERE.balancer] }), { abortSignal }),
  'elasticloadbalancing:DescribeTargetGroups': ({ elbv2 }, abortSignal) =>
    elbv2.send(new DescribeTargetGroupsCommand({ PageSize: 1 }), { abortSignal }),
  'elasticloadbalancing:DescribeTargetHealth': ({ elbv2 }, abortSignal) =>
    elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: NOWHERE.targets }), { abortSignal }),
  'iam:ListAttachedRolePolicies': ({ iam }, abortSignal) =>
    iam.send(new ListAttachedRolePoliciesCommand({ RoleName: NOWHERE.cluster }), { abortSignal }),
  'route53profiles:ListProfileAssociations': ({ signed }, signal) =>
    signed({ service: 'route53profiles', method: 'GET', path: '/profileassociations' }, signal),
  'route53profiles:ListProfileResourceAssociations': ({ signed }, signal) =>
    signed(
      { service: 'route53profiles', method: 'GET', path: `/profileresourceassociations/profileid/${NOWHERE.profile}` },
      signal,
    ),
  'route53resolver:ListResolverRuleAssociations': ({ signed }, signal) =>
    signed(resolverRequest('ListResolverRuleAssociations', undefined), signal),
  'route53resolver:ListResolverRules': ({ signed }, signal) =>
    signed(resolverRequest('ListResolverRules', undefined), signal),
  'route53:ListResourceRecordSets': ({ route53 }, abortSignal) =>
    route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: NOWHERE.zone }), { abortSignal }),
  'route53:ListHostedZonesByVPC': ({ route53 }, abortSignal, region) =>
    route53.send(new ListHostedZonesByVPCCommand({ VPCId: NOWHERE.vpc, VPCRegion: region as 'us-east-1' }), {
      abortSignal,
    }),
};

const TRIES_AT_ONCE = 5;

/** Tries every permission once per account, in the first region that it may use. */
export function doctorAws(
  plan: Plan,
  session: AwsSession,
  accounts: Accounts,
): (context: CollectContext) => Promise<readonly DoctorRow[]> {
  return async (context) => {
    const { targets } = await plan(context);
    const rows: DoctorRow[] = [];
    const seen = new Set<string>();
    rows.push(...hubRows(targets));
    for (const { target, failure, skipped } of targets) {
      if (target.id === 'aws:organization' || skipped !== undefined || seen.has(target.account)) continue;
      if (failure === undefined) {
        seen.add(target.account);
        rows.push(...(await tryAccount(target, session, accounts, context.signal)));
      } else if (failure.reason !== 'region-disabled') {
        rows.push({
          ...rowOf(target),
          permission: failure.api ?? 'sts:AssumeRole',
          outcome: outcomeOf(failure),
          detail: failure.message,
        });
      }
    }
    return rows;
  };
}

/** What listing the organisation told about the hub's own permissions. */
function hubRows(targets: readonly PlannedTarget[]): readonly DoctorRow[] {
  const organization = targets.find(({ target }) => target.id === 'aws:organization');
  if (organization?.failure === undefined) return [];
  return [
    {
      ...rowOf(organization.target),
      permission: organization.failure.api ?? 'organizations:ListAccounts',
      outcome: outcomeOf(organization.failure),
      detail: organization.failure.message,
    },
  ];
}

async function tryAccount(
  target: Target,
  session: AwsSession,
  accounts: Accounts,
  signal: AbortSignal,
): Promise<readonly DoctorRow[]> {
  const counter = { calls: 0 };
  const entered = await accounts.tryEnter(target.account, target.details?.['partition'] ?? 'aws', counter, signal);
  if ('state' in entered)
    return [{ ...rowOf(target), permission: 'sts:AssumeRole', outcome: outcomeOf(entered), detail: entered.message }];
  const region = target.region ?? session.homeRegion;
  const clients = session.region(region, entered.keys, counter);
  try {
    return await mapConcurrently(permissions, TRIES_AT_ONCE, async (permission): Promise<DoctorRow> => {
      try {
        await TRIES[permission](clients, signal, region);
        return { ...rowOf(target), permission, outcome: 'allowed', detail: '' };
      } catch (error) {
        const refusal = classify(error, true);
        // Asked about a thing that is nowhere, AWS only says so to whom it lets ask.
        const answered =
          isNotThere(refusal) ||
          refusal.reason === 'not-found' ||
          /^Invalid|^ValidationError|^NoSuch/.test(refusal.message);
        return {
          ...rowOf(target),
          permission,
          outcome: answered ? 'allowed' : outcomeOf(refusal),
          detail: answered ? '' : refusal.message,
        };
      }
    });
  } finally {
    clients.destroy();
  }
}

function rowOf({ account, region }: Target) {
  return { provider: 'aws', account, ...(region === undefined ? {} : { region }) };
}

function outcomeOf({ reason }: Pick<Refusal, 'reason'>): DoctorRow['outcome'] {
  return reason === 'denied' || reason === 'denied-by-policy' ? 'denied' : 'failed';
}
