import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createAwsProvider } from '#collectors/aws/index.ts';
import { permissions, scannerPermissions } from '#collectors/aws/permissions.ts';
import { eksControls } from '#controls/eks/index.ts';
import { judge } from '#controls/judge.ts';
import type { Collection } from '#domain/collection.ts';
import {
  type Answer,
  type Call,
  defaultAcl,
  ec2,
  elb,
  type FakeAws,
  fakeAws,
  isClassic,
  json,
  OWN_ACCOUNT,
  refusal,
} from '#estate/aws/wire.ts';
import { ringfence } from '#test/bin/run-ringfence.ts';

/**
 * One permission after the other is taken away, and the whole way is gone: wire, collector, controls. The region holds clusters that lean on
 * every call: one that is closed by all means, one whose endpoint lives behind a private zone, one that lacks endpoints and tags, one of Fargate alone.
 */

const REGION = 'eu-central-1';
const SETTINGS = {
  profile: 'closed',
  controls: {
    'eks-connected-networks': { ranges: ['10.8.0.0/16'] },
    'eks-node-proxy': { required: true },
    'eks-cluster-admins': { allowed: ['arn:aws:iam::*:role/admin'] },
    'eks-pod-capacity': { podsPerNode: 30 },
    'eks-secrets-encryption': { customerKey: false },
  },
} as const;

const CLUSTERS = ['closed', 'central', 'lacking', 'fargate'] as const;
const BLOCKED = { blockPublicAccessStates: { internetGatewayBlockMode: 'block-bidirectional' } };
const VPC_OF = (cluster: string) => `vpc-${cluster}`;

let server: FakeAws | undefined;

afterEach(async () => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
  await server?.close();
});

function region(call: Call): Answer {
  const { name = '', item = '' } = call.params;
  const action = call.api.slice('ec2:'.length);
  switch (call.api) {
    case 'sts:GetCallerIdentity':
      return {
        body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${OWN_ACCOUNT}</Account><Arn>arn:aws:iam::${OWN_ACCOUNT}:user/s</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      };
    case 'sts:AssumeRole':
      return {
        body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${OWN_ACCOUNT}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      };
    case 'organizations:ListAccounts':
    case 'organizations:ListAccountsForParent':
      return json({ Accounts: [{ Id: OWN_ACCOUNT, State: 'ACTIVE' }] });
    case 'organizations:ListOrganizationalUnitsForParent':
      return json({ OrganizationalUnits: [] });
    case 'eks:ListClusters':
      return json({ clusters: CLUSTERS });
    case 'eks:DescribeCluster':
      return json({
        cluster: {
          name,
          status: 'ACTIVE',
          version: '1.33',
          roleArn: `arn:aws:iam::${OWN_ACCOUNT}:role/eks-${name}`,
          resourcesVpcConfig: {
            subnetIds: [`subnet-${name}-a`, `subnet-${name}-b`],
            securityGroupIds: [],
            clusterSecurityGroupId: `sg-${name}`,
            vpcId: VPC_OF(name),
            endpointPublicAccess: false,
            endpointPrivateAccess: true,
            publicAccessCidrs: [],
            controlPlaneEgressMode: 'CUSTOMER_ROUTED',
          },
          logging: { clusterLogging: [{ types: ['audit', 'authenticator'], enabled: true }] },
          accessConfig: { authenticationMode: 'API' },
          kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: '172.20.0.0/16' },
          health: { issues: [] },
        },
      });
    case 'eks:ListNodegroups':
      return json({ nodegroups: name === 'fargate' ? [] : ['workers'] });
    case 'eks:DescribeNodegroup':
      return json({
        nodegroup: {
          nodegroupName: item,
          status: 'ACTIVE',
          subnets: [`subnet-${name}-b`],
          // Too small without prefixes: the setting of the CNI decides.
          instanceTypes: ['t3.small'],
          scalingConfig: { maxSize: 3 },
          health: { issues: [] },
          // Without a template of its own the subnets decide on public addresses.
          ...(name === 'central' ? {} : { launchTemplate: { id: name === 'lacking' ? 'lt-2' : 'lt-1', version: '3' } }),
        },
      });
    case 'eks:ListFargateProfiles':
      return json({ fargateProfileNames: ['jobs'] });
    case 'eks:DescribeFargateProfile':
      return json({ fargateProfile: { fargateProfileName: item, subnets: [`subnet-${name}-a`] } });
    case 'eks:ListAddons':
      return json({ addons: ['vpc-cni'] });
    case 'eks:DescribeAddon':
      return json({
        addon: {
          addonName: item,
          addonVersion: 'v1.20.1-eksbuild.1',
          configurationValues: '{"enableNetworkPolicy":"true","env":{"ENABLE_PREFIX_DELEGATION":"true"}}',
        },
      });
    case 'eks:ListPodIdentityAssociations':
      return json({ associations: [{ associationId: 'a-1' }] });
    case 'eks:ListAccessEntries':
      return json({ accessEntries: ['admin', 'viewer'].map((role) => `arn:aws:iam::${OWN_ACCOUNT}:role/${role}`) });
    case 'eks:ListAssociatedAccessPolicies':
      return json({
        associatedAccessPolicies: [
          {
            policyArn: `arn:aws:eks::aws:cluster-access-policy/${item.endsWith('admin') ? 'AmazonEKSClusterAdminPolicy' : 'AmazonEKSViewPolicy'}`,
            accessScope: { type: 'cluster' },
          },
        ],
      });
    case 'iam:ListAttachedRolePolicies':
      return {
        body: '<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>AmazonEKSClusterPolicy</PolicyName></member></AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>',
      };
    case 'route53:ListHostedZonesByVPC':
      return {
        body: `<ListHostedZonesByVPCResponse><HostedZoneSummaries>${
          call.params['vpcid'] === VPC_OF('central')
            ? ['ec2', 'sts']
                .map(
                  (service) =>
                    `<HostedZoneSummary><HostedZoneId>Z1</HostedZoneId><Name>${service}.${REGION}.amazonaws.com.</Name><Owner/></HostedZoneSummary>`,
                )
                .join('')
            : ''
        }</HostedZoneSummaries><MaxItems>100</MaxItems></ListHostedZonesByVPCResponse>`,
      };
    case 'route53:ListResourceRecordSets':
      return {
        body: `<ListResourceRecordSetsResponse><ResourceRecordSets>${['ec2', 'sts']
          .map(
            (service) =>
              `<ResourceRecordSet><Name>${service}.${REGION}.amazonaws.com.</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>vpce-central-${service}-abc.vpce.amazonaws.com</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`,
          )
          .join(
            '',
          )}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`,
      };
    // A Profile of firewall rules and a rule for another domain: they bring nothing, which only reading them tells.
    case 'route53profiles:ListProfileAssociations':
      return json({ ProfileAssociations: [{ ProfileId: 'rp-1', ResourceId: VPC_OF('lacking') }] });
    case 'route53profiles:ListProfileResourceAssociations':
      return json({
        ProfileResourceAssociations: [{ ResourceArn: 'arn:aws:route53resolver:eu-central-1:9:firewall-rule-group/g' }],
      });
    case 'route53resolver:ListResolverRuleAssociations':
      return json({ ResolverRuleAssociations: [{ ResolverRuleId: 'rslvr-rr-1', VPCId: VPC_OF('lacking') }] });
    case 'route53resolver:ListResolverRules':
      return json({ ResolverRules: [{ Id: 'rslvr-rr-1', DomainName: 'corp.example.', RuleType: 'FORWARD' }] });
    default:
      return call.service === 'elasticloadbalancing' ? balancersOf(call) : networkOf(action, call);
  }
}

/** One that serves something else in the VPC, and one of a cluster that Block Public Access keeps from the internet. */
function balancersOf(call: Call): Answer {
  const action = call.api.slice('elasticloadbalancing:'.length);
  const arn = (cluster: string) =>
    `arn:aws:elasticloadbalancing:${REGION}:${OWN_ACCOUNT}:loadbalancer/net/${cluster}/1`;
  const facing = ['closed', 'fargate'];
  switch (action) {
    case 'DescribeLoadBalancers':
      return isClassic(call)
        ? elb(action, { LoadBalancerDescriptions: [] })
        : elb(action, {
            LoadBalancers: facing.map((cluster) => ({
              LoadBalancerArn: arn(cluster),
              LoadBalancerName: cluster,
              Type: 'network',
              Scheme: 'internet-facing',
              VpcId: VPC_OF(cluster),
              AvailabilityZones: [{ SubnetId: `subnet-${cluster}-a` }],
            })),
          });
    case 'DescribeTags':
      return elb(action, {
        TagDescriptions: facing.map((cluster) => ({
          ResourceArn: arn(cluster),
          Tags: cluster === 'fargate' ? [{ Key: 'elbv2.k8s.aws/cluster', Value: cluster }] : [],
        })),
      });
    case 'DescribeTargetGroups':
      return elb(action, {
        TargetGroups: [
          {
            TargetGroupArn: `arn:aws:elasticloadbalancing:${REGION}:${OWN_ACCOUNT}:targetgroup/x/1`,
            TargetType: 'ip',
            LoadBalancerArns: [arn('closed')],
          },
        ],
      });
    default:
      return elb(action, { TargetHealthDescriptions: [{ Target: { Id: '10.0.200.9' } }] });
  }
}

function networkOf(action: string, { params }: Call): Answer {
  switch (action) {
    case 'DescribeRegions':
      return ec2(action, { regionInfo: [{ regionName: REGION, optInStatus: 'opt-in-not-required' }] });
    case 'DescribeInstances':
      return ec2(action, {
        reservationSet: [
          {
            // An instance of its own leaves the proxy of its cluster undecided.
            instancesSet: ['central'].map((cluster) => ({
              instanceId: `i-${cluster}`,
              subnetId: `subnet-${cluster}-a`,
              groupSet: [{ groupId: `sg-${cluster}`, groupName: cluster }],
              tagSet: [{ key: `kubernetes.io/cluster/${cluster}`, value: 'owned' }],
            })),
          },
        ],
      });
    case 'DescribeSubnets':
      return ec2(action, {
        subnetSet: CLUSTERS.flatMap((cluster) =>
          ['a', 'b'].map((half, index) => ({
            subnetId: `subnet-${cluster}-${half}`,
            vpcId: VPC_OF(cluster),
            ownerId: OWN_ACCOUNT,
            availabilityZoneId: `euc1-az${index + 1}`,
            cidrBlock: `10.0.${index}.0/24`,
            availableIpAddressCount: 200,
            mapPublicIpOnLaunch: false,
            // One VPC speaks for its subnets.
            ...(cluster === 'fargate' ? {} : BLOCKED),
            tagSet: cluster === 'lacking' ? [] : [{ key: 'kubernetes.io/role/internal-elb', value: '1' }],
          })),
        ),
      });
    case 'DescribeVpcs':
      return ec2(action, {
        vpcSet: CLUSTERS.map((cluster) => ({
          vpcId: VPC_OF(cluster),
          ownerId: OWN_ACCOUNT,
          dhcpOptionsId: 'dopt-1',
          ...(cluster === 'fargate' ? BLOCKED : {}),
        })),
      });
    case 'DescribeVpcAttribute':
      return ec2(action, { vpcId: params['VpcId'] ?? '', [params['Attribute'] ?? '']: { value: true } });
    case 'DescribeDhcpOptions':
      return ec2(action, {
        dhcpOptionsSet: [
          {
            dhcpOptionsId: 'dopt-1',
            dhcpConfigurationSet: [{ key: 'domain-name-servers', valueSet: [{ value: 'AmazonProvidedDNS' }] }],
          },
        ],
      });
    case 'DescribeRouteTables':
      return ec2(action, {
        routeTableSet: CLUSTERS.map((cluster) => ({
          routeTableId: `rtb-${cluster}`,
          vpcId: VPC_OF(cluster),
          routeSet: [
            { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
            { destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'active' },
            { destinationCidrBlock: '198.51.100.0/24', natGatewayId: `nat-${cluster}`, state: 'active' },
            { destinationPrefixListId: 'pl-own', transitGatewayId: 'tgw-1', state: 'active' },
            { destinationPrefixListId: 'pl-s3', gatewayId: `vpce-${cluster}-s3`, state: 'active' },
            // An instance that leads back into its own subnet, and a list of AWS behind an endpoint of another account.
            { destinationCidrBlock: '203.0.113.0/24', instanceId: `i-nat-${cluster}`, state: 'active' },
            { destinationPrefixListId: 'pl-aws', gatewayId: 'vpce-of-another-account', state: 'active' },
          ],
          associationSet: [{ routeTableAssociationId: 'a', main: true, associationState: { state: 'associated' } }],
        })),
      });
    case 'DescribeVpcEndpoints':
      return ec2(action, { vpcEndpointSet: CLUSTERS.flatMap(endpointsOf) });
    case 'DescribeSecurityGroups':
      return ec2(action, {
        securityGroupInfo: [
          ...CLUSTERS.flatMap(groupsOf),
          {
            groupId: 'sg-nodes',
            groupName: 'nodes',
            vpcId: VPC_OF('lacking'),
            ipPermissions: [],
            ipPermissionsEgress: [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }],
          } as never,
        ],
      });
    case 'DescribeNetworkAcls':
      return ec2(action, {
        networkAclSet: CLUSTERS.map((cluster) =>
          defaultAcl(VPC_OF(cluster), [`subnet-${cluster}-a`, `subnet-${cluster}-b`]),
        ),
      });
    case 'DescribeNatGateways':
      return ec2(action, {
        natGatewaySet: CLUSTERS.map((cluster) => ({
          natGatewayId: `nat-${cluster}`,
          connectivityType: 'private',
          state: 'available',
          subnetId: `subnet-${cluster}-a`,
        })),
      });
    case 'DescribeNetworkInterfaces':
      return ec2(action, {
        networkInterfaceSet: CLUSTERS.map((cluster) => ({
          networkInterfaceId: `eni-nat-${cluster}`,
          subnetId: `subnet-${cluster}-a`,
          vpcId: VPC_OF(cluster),
          interfaceType: 'interface',
          sourceDestCheck: false,
          attachment: { instanceId: `i-nat-${cluster}`, deviceIndex: 0 },
        })),
      });
    case 'DescribeManagedPrefixLists':
      return ec2(action, {
        prefixListSet: [
          { prefixListId: 'pl-own', prefixListName: 'own', ownerId: OWN_ACCOUNT },
          { prefixListId: 'pl-aws', prefixListName: `com.amazonaws.${REGION}.s3`, ownerId: 'AWS' },
        ],
      });
    case 'GetManagedPrefixListEntries':
      return ec2(action, {
        entrySet: [{ cidr: params['PrefixListId'] === 'pl-nodes' ? '10.0.0.0/16' : '10.8.0.0/16' }],
      });
    case 'DescribeVpcBlockPublicAccessExclusions':
      return ec2(action, { vpcBlockPublicAccessExclusionSet: [] });
    case 'DescribeVpcEndpointServices':
      return ec2(action, {
        serviceNameSet: ['ec2', 'ecr.api', 'ecr.dkr', 's3', 'sts', 'eks-auth'].map(
          (service) => `com.amazonaws.${REGION}.${service}`,
        ),
      });
    case 'DescribeInstanceTypes':
      return ec2(action, {
        instanceTypeSet: [
          {
            instanceType: 't3.small',
            networkInfo: { maximumNetworkInterfaces: 3, ipv4AddressesPerInterface: 4, defaultNetworkCardIndex: 0 },
          },
        ],
      });
    case 'DescribeLaunchTemplateVersions':
      return ec2(action, {
        launchTemplateVersionSet: [
          {
            launchTemplateId: 'lt-1',
            versionNumber: 3,
            launchTemplateData: {
              // Nodes with a group of their own come in to the control plane by their addresses.
              ...(params['LaunchTemplateId'] === 'lt-2' ? { securityGroupIdSet: ['sg-nodes'] } : {}),
              userData: Buffer.from(
                `export HTTPS_PROXY=http://proxy:3128\nexport NO_PROXY=169.254.169.254,10.0.0.0/16,172.20.0.0/16,.internal,.eks.amazonaws.com,.api.aws,.${REGION}.amazonaws.com`,
              ).toString('base64'),
              networkInterfaceSet: [
                {
                  deviceIndex: 0,
                  associatePublicIpAddress: false,
                },
              ],
            },
          },
        ],
      });
    default:
      return refusal('ec2', 'InvalidAction', 400, `${action} is not played`);
  }
}

function endpointsOf(cluster: string) {
  const services = {
    closed: ['ec2', 'ecr.api', 'ecr.dkr', 'sts', 'eks-auth'],
    central: ['ec2', 'ecr.api', 'ecr.dkr', 'sts', 'eks-auth'],
    lacking: ['ecr.api', 'ecr.dkr', 'sts'],
    fargate: ['ec2', 'ecr.api', 'ecr.dkr', 'sts', 'eks-auth'],
  }[cluster as (typeof CLUSTERS)[number]];
  const interfaces = services.map((service) => ({
    vpcEndpointId: `vpce-${cluster}-${service}`,
    vpcEndpointType: 'Interface',
    vpcId: VPC_OF(cluster),
    serviceName: `com.amazonaws.${REGION}.${service}`,
    state: 'available',
    // A zone of the organisation's own stands in for private DNS.
    privateDnsEnabled: cluster !== 'central' || !['ec2', 'sts'].includes(service),
    subnetIdSet: ['a', 'b'].map((half) => `subnet-${cluster}-${half}`),
    groupSet: [{ groupId: `sg-${cluster}-endpoints`, groupName: 'endpoints' }],
  }));
  return [
    ...interfaces,
    {
      vpcEndpointId: `vpce-${cluster}-s3`,
      vpcEndpointType: 'Gateway',
      vpcId: VPC_OF(cluster),
      serviceName: `com.amazonaws.${REGION}.s3`,
      state: 'available',
      privateDnsEnabled: false,
      routeTableIdSet: [`rtb-${cluster}`],
    },
  ] as never[];
}

function groupsOf(cluster: string) {
  const everything = [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }];
  return [
    {
      groupId: `sg-${cluster}-endpoints`,
      groupName: 'endpoints',
      vpcId: VPC_OF(cluster),
      ipPermissions: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          groups: [{ groupId: `sg-${cluster}` }, { groupId: 'sg-nodes' }],
        },
      ],
      ipPermissionsEgress: everything,
    },
    {
      groupId: `sg-${cluster}`,
      groupName: cluster,
      vpcId: VPC_OF(cluster),
      // The connected network is admitted by a prefix list.
      // Its nodes come in by their group, those of one cluster by a list of their addresses.
      ipPermissions: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          prefixListIds: [{ prefixListId: 'pl-own' }, ...(cluster === 'lacking' ? [{ prefixListId: 'pl-nodes' }] : [])],
          ...(cluster === 'lacking' ? {} : { groups: [{ groupId: `sg-${cluster}` }] }),
        },
      ],
      ipPermissionsEgress: everything,
    },
  ] as never[];
}

async function start(denied: string | undefined, options: Parameters<typeof createAwsProvider>[0]) {
  server = await fakeAws((call) => {
    if (call.api !== denied) return region(call);
    const [service = ''] = call.api.split(':');
    const code = { ec2: 'UnauthorizedOperation', eks: 'AccessDeniedException', organizations: 'AccessDeniedException' };
    return refusal(
      service,
      code[service as keyof typeof code] ?? 'AccessDenied',
      service === 'organizations' ? 400 : 403,
    );
  });
  process.env['AWS_ENDPOINT_URL'] = server.endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDSCANNER';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  return createAwsProvider({ ...options, rateFraction: 1 }, { homeRegion: REGION, backoff: () => 0, maxAttempts: 2 });
}

const context = () => ({ signal: AbortSignal.timeout(30_000), now: () => new Date('2026-11-01T00:00:00Z') });
const OWN = { regions: 'all' } as const;

async function verdictsWithout(denied: string | undefined) {
  const provider = await start(denied, OWN);
  const { targets } = await provider.plan(context());
  const collections: Collection[] = [];
  for (const { target, failure } of targets)
    if (failure === undefined) collections.push(await provider.collect(target, context()));
  await server?.close();
  const verdicts = new Map(
    collections
      .flatMap(({ subjects }) => subjects)
      .flatMap((subject) =>
        judge(subject, eksControls, SETTINGS).map(
          ({ control, verdict: { status, reason } }) =>
            [`${subject.resource.name} ${control.id}`, `${status} ${reason}`] as const,
        ),
      ),
  );
  return { targets, collections, verdicts };
}

let everything: ReturnType<typeof verdictsWithout> | undefined;

/** Read once: each permission is compared with the same verdicts. */
function verdictsWithEverything() {
  everything ??= verdictsWithout(undefined);
  return everything;
}

const BEFORE_CLUSTERS = ['ec2:DescribeRegions', 'eks:ListClusters'];

describe('with every permission', () => {
  test('each control decides of the closed cluster, and it passes', async () => {
    const { verdicts, collections } = await verdictsWithEverything();
    expect(collections.flatMap(({ gaps }) => gaps)).toEqual([]);
    for (const { id } of eksControls)
      expect([id, verdicts.get(`closed ${id}`)]).toEqual([id, expect.stringMatching(/^PASS /)]);
    // Its private zones name the endpoints themselves, which their records show.
    expect(verdicts.get('central eks-vpc-endpoints')).toBe('PASS holds');
    expect(verdicts.get('lacking eks-vpc-endpoints')).toBe('FAIL missing');
    expect(verdicts.get('lacking eks-vpc-endpoints-used')).toBe('FAIL missing');
    expect(verdicts.get('lacking eks-subnet-tags')).toBe('FAIL missing');
    expect(verdicts.get('fargate eks-node-public-address')).toBe('NOT_APPLICABLE no-nodes');
  });
});

describe('without one permission', () => {
  test.each(permissions.filter((permission) => !BEFORE_CLUSTERS.includes(permission)))(
    '%s: UNKNOWN denied on exactly the controls that need it, and nothing else changes',
    async (permission) => {
      const before = (await verdictsWithEverything()).verdicts;
      const { verdicts, collections } = await verdictsWithout(permission);
      expect([...verdicts.keys()]).toEqual([...before.keys()]);
      const changed = [...verdicts].filter(([key, outcome]) => before.get(key) !== outcome);
      expect(new Set(changed.map(([, outcome]) => outcome))).toEqual(new Set(['UNKNOWN denied']));
      const blinded = new Set(changed.map(([key]) => key.split(' ')[1] ?? ''));
      const needing = eksControls.filter(({ needs }) => needs.includes(permission)).map(({ id }) => id);
      expect([...blinded].sort()).toEqual([...needing].sort());
      expect(new Set(collections.flatMap(({ gaps }) => gaps.map(({ reason, api }) => `${reason} ${api}`)))).toEqual(
        new Set([`denied ${permission}`]),
      );
    },
  );

  test('eks:ListClusters: no verdict at all, and the inventory is not complete', async () => {
    const { verdicts, collections } = await verdictsWithout('eks:ListClusters');
    expect(verdicts.size).toBe(0);
    expect(collections).toMatchObject([{ inventoryComplete: false, gaps: [{ reason: 'denied' }] }]);
  });

  test('ec2:DescribeRegions: the account is a failed target', async () => {
    const { targets } = await verdictsWithout('ec2:DescribeRegions');
    expect(targets).toMatchObject([{ target: { id: `aws:${OWN_ACCOUNT}` }, failure: { reason: 'denied' } }]);
  });

  test.each(permissions)('%s: the doctor names it and no other', async (permission) => {
    const provider = await start(permission, OWN);
    const rows = await provider.doctor(context());
    expect(
      rows.filter(({ outcome }) => outcome !== 'allowed').map((row) => `${row.outcome} ${row.permission}`),
    ).toEqual([`denied ${permission}`]);
  });

  test.each(scannerPermissions)('%s of the hub: a failed target, and the doctor names it', async (permission) => {
    const units = permission.includes('ForParent') ? { organizationalUnits: { include: ['ou-abcd-11111111'] } } : {};
    const options = { ...OWN, organization: true, roleName: 'Scanner', externalId: 'x1', ...units };
    const provider = await start(permission, options);
    const { targets } = await provider.plan(context());
    expect(targets).toMatchObject([{ failure: { reason: 'denied' } }]);
    const rows = await provider.doctor(context());
    expect(rows.map((row) => `${row.outcome} ${row.permission}`)).toEqual([`denied ${permission}`]);
  });

  test('the table of the doctor names it whole, with the controls that it blinds', async () => {
    const permission = 'ec2:DescribeVpcBlockPublicAccessExclusions';
    await start(permission, OWN);
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-doctor-'));
    await writeFile(join(folder, 'ringfence.yaml'), `aws:\n  regions: [${REGION}]\n`);
    const { code, stdout } = await ringfence(['doctor', 'aws', '--config', join(folder, 'ringfence.yaml')], {
      AWS_REGION: REGION,
    });
    await rm(folder, { recursive: true });
    expect(code).toBe(3);
    const columns = stdout.split('\n').map((line) => line.split('│').map((cell) => cell.trim()));
    expect(columns.map((cells) => cells[2] ?? '').join('')).toContain(permission);
    expect(columns.map((cells) => cells[4] ?? '').join(' ')).toContain('eks-node-egress');
    expect(stdout).toContain(`${permissions.length - 1} of ${permissions.length} permissions work`);
  });
});
