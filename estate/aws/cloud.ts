import type { Playground } from '../faults.ts';
import { balancerAnswer } from './balancers.ts';
import type { AwsAccount, AwsEstate, EksSpec } from './model.ts';
import { networkAnswer } from './network.ts';
import { type Answer, type Call, ec2, type FakeAws, fakeAws, json, refusal } from './wire.ts';

/** The organisation on loopback, in AWS's own wire formats. Account and region are read off the request's signature, as AWS does. */
export function startAws(estate: AwsEstate, playground: Playground): Promise<FakeAws> {
  return fakeAws(async (call) => {
    const caller = callerOf(call, estate);
    const fault = await playground.meet('aws', call.api, [caller, call.region, call.params['name'] ?? '']);
    return fault === undefined ? answer({ ...call, account: caller }, estate) : faulty(fault, call);
  });
}

/** Keys that AssumeRole gave out name their account; all others are the hub's. */
function callerOf({ account }: Call, { accounts, hub }: AwsEstate): string {
  return accounts.some(({ id }) => id === account) ? account : hub;
}

function faulty(kind: string, { service }: Call): Answer {
  if (kind === 'hang') return { hang: true };
  if (kind === 'truncate')
    return { body: service === 'ec2' ? '<DescribeVpcsResponse><vpcSet><item>' : '{"clusters": [' };
  if (kind === 'expire')
    return refusal(
      service,
      service === 'ec2' ? 'RequestExpired' : 'ExpiredTokenException',
      service === 'ec2' ? 400 : 403,
      'the security token is expired',
    );
  if (kind === 'throttle')
    return refusal(
      service,
      service === 'ec2' ? 'RequestLimitExceeded' : 'ThrottlingException',
      service === 'ec2' ? 503 : 429,
      'rate exceeded',
    );
  return refusal(
    service,
    service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDeniedException',
    403,
    'not authorized to perform this operation',
  );
}

function answer(call: Call, estate: AwsEstate): Answer {
  const account = estate.accounts.find(({ id }) => id === call.account);
  const clusters = account?.clusters.filter(({ region }) => region === call.region) ?? [];
  const [service] = call.api.split(':');
  if (service === 'sts') return stsAnswer(call, estate);
  if (service === 'organizations') return organizationsAnswer(call, estate);
  if (service === 'eks') return eksAnswer(call, clusters);
  if (service === 'elasticloadbalancing') return balancerAnswer(call, clusters);
  if (service === 'iam') return { body: POLICIES };
  if (service === 'route53profiles') return json({ ProfileAssociations: [] });
  // Every VPC has the rule for the rest of the internet.
  if (service === 'route53resolver')
    return json({
      ResolverRuleAssociations: clusters.map(({ name }) => ({
        Id: `rslvr-rrassoc-${name}`,
        ResolverRuleId: 'rslvr-autodefined-rr-internet-resolver',
        VPCId: `vpc-${name}`,
      })),
    });
  if (service === 'route53')
    return {
      body: '<ListHostedZonesByVPCResponse><HostedZoneSummaries></HostedZoneSummaries><MaxItems>100</MaxItems></ListHostedZonesByVPCResponse>',
    };
  if (call.api === 'ec2:DescribeRegions')
    return ec2('DescribeRegions', {
      regionInfo: estate.regions.map((regionName) => ({ regionName, optInStatus: 'opt-in-not-required' })),
    });
  return networkAnswer(call, clusters) ?? refusal(call.service, 'InvalidAction', 400, `${call.api} is not simulated`);
}

const POLICIES =
  '<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>AmazonEKSClusterPolicy</PolicyName><PolicyArn>arn:aws:iam::aws:policy/AmazonEKSClusterPolicy</PolicyArn></member></AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>';

function stsAnswer({ api, params, account }: Call, estate: AwsEstate): Answer {
  if (api === 'sts:GetCallerIdentity') {
    return {
      body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account><Arn>arn:aws:sts::${account}:assumed-role/hub/scan</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    };
  }
  const [, id = '', role = ''] = /::(\d{12}):role\/(.+)$/.exec(params['RoleArn'] ?? '') ?? [];
  const target = estate.accounts.find((entry) => entry.id === id);
  // A wrong external id and a role that does not trust look the same from outside.
  if (target?.trusts !== true || role !== estate.roleName || params['ExternalId'] !== estate.externalId) {
    return refusal(
      'sts',
      'AccessDenied',
      403,
      `User is not authorized to perform: sts:AssumeRole on resource: ${params['RoleArn'] ?? ''}`,
    );
  }
  return {
    body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${id}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey><SessionToken>simulated</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  };
}

/** Accounts in pages of two thousand, so that a large organisation is really paged through. */
function organizationsAnswer({ params }: Call, { accounts }: AwsEstate): Answer {
  const start = Number(params['NextToken'] ?? 0);
  const page = accounts.slice(start, start + 2_000);
  const next = start + page.length < accounts.length ? { NextToken: String(start + page.length) } : {};
  return json({
    Accounts: page.map(({ id, name, state }) => ({
      Id: id,
      Name: name,
      State: state,
      Arn: `arn:aws:organizations::000000000000:account/o-1/${id}`,
    })),
    ...next,
  });
}

const PAGE = 100;

function eksAnswer({ api, params, account, region }: Call, clusters: readonly EksSpec[]): Answer {
  const { name = '' } = params;
  if (api === 'eks:ListClusters') {
    const start = Number(params['nextToken'] ?? 0);
    const page = clusters.slice(start, start + PAGE).map((cluster) => cluster.name);
    return json({ clusters: page, ...(start + PAGE < clusters.length ? { nextToken: String(start + PAGE) } : {}) });
  }
  const spec = clusters.find((cluster) => cluster.name === name);
  if (spec === undefined)
    return json({ __type: 'ResourceNotFoundException', message: `No cluster found for name: ${name}.` }, 404);
  switch (api) {
    case 'eks:DescribeCluster':
      return json({ cluster: describe(spec, account, region) });
    case 'eks:ListAccessEntries':
      return json({
        accessEntries: [`arn:aws:iam::${account}:role/platform-admin`, `arn:aws:iam::${account}:role/node`],
      });
    case 'eks:ListAssociatedAccessPolicies':
      return json({
        associatedAccessPolicies: params['item']?.endsWith(':role/platform-admin')
          ? [
              {
                policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
                accessScope: { type: 'cluster', namespaces: [] },
              },
            ]
          : [],
      });
    case 'eks:ListNodegroups':
      return json({ nodegroups: ['workers'] });
    case 'eks:DescribeNodegroup':
      return json({
        nodegroup: {
          nodegroupName: 'workers',
          status: 'ACTIVE',
          subnets: [`subnet-${name}-a`, `subnet-${name}-b`],
          instanceTypes: ['m6i.xlarge'],
          scalingConfig: { minSize: 2, desiredSize: 3, maxSize: 6 },
          health: { issues: [] },
        },
      });
    case 'eks:ListFargateProfiles':
      return json({ fargateProfileNames: [] });
    case 'eks:ListAddons':
      return json({ addons: ['vpc-cni', 'coredns', 'kube-proxy'] });
    case 'eks:DescribeAddon':
      return json({
        addon: {
          addonName: 'vpc-cni',
          addonVersion: 'v1.20.1-eksbuild.1',
          configurationValues: JSON.stringify({ enableNetworkPolicy: String(spec.networkPolicy) }),
        },
      });
    default:
      return json({ associations: [] });
  }
}

function describe(spec: EksSpec, account: string, region: string): Record<string, unknown> {
  const { name } = spec;
  return {
    name,
    arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
    status: 'ACTIVE',
    version: '1.33',
    platformVersion: 'eks.12',
    endpoint: `https://0123456789ABCDEF.gr7.${region}.eks.amazonaws.com`,
    roleArn: `arn:aws:iam::${account}:role/eks-cluster`,
    resourcesVpcConfig: {
      subnetIds: [`subnet-${name}-a`, `subnet-${name}-b`],
      securityGroupIds: [],
      clusterSecurityGroupId: `sg-${name}-cluster`,
      vpcId: `vpc-${name}`,
      endpointPublicAccess: spec.publicAccess,
      endpointPrivateAccess: spec.privateAccess,
      publicAccessCidrs: spec.publicCidrs,
      controlPlaneEgressMode: 'CUSTOMER_ROUTED',
    },
    logging: { clusterLogging: [{ types: ['audit', 'authenticator'], enabled: spec.auditLog }] },
    accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
    health: { issues: [] },
    kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: '172.20.0.0/16' },
  };
}

/** The account of that id; a scenario that drifts one that is not there is wrong. */
export function accountOf({ accounts }: AwsEstate, id: string): AwsAccount {
  const found = accounts.find((account) => account.id === id);
  if (found === undefined) throw new Error(`the estate has no AWS account ${id}`);
  return found;
}
