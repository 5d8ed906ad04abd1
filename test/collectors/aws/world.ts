import {
  type Answer,
  type Call,
  defaultAcl,
  ec2,
  elb,
  isClassic,
  json,
  OWN_ACCOUNT,
  refusal,
} from '#estate/aws/wire.ts';

/** A small closed world: one account, one VPC, clusters with one node group each. Tests override single answers. */

export const REGION = 'eu-central-1';
const PREFIX = `com.amazonaws.${REGION}`;

export interface World {
  readonly clusters?: readonly string[];
  /** Owner of the VPC and its subnets. */
  readonly owner?: string;
  readonly answers?: Readonly<Record<string, (call: Call) => Answer | undefined>>;
}

const ENDPOINTS = ['ec2', 'ecr.api', 'ecr.dkr'].map((service, index) => ({
  vpcEndpointId: `vpce-${index}`,
  vpcEndpointType: 'Interface',
  vpcId: 'vpc-1',
  serviceName: `${PREFIX}.${service}`,
  state: 'available',
  // The last one leaves its name to the private zone of the VPC.
  privateDnsEnabled: index < 2,
  dnsEntrySet: [{ dnsName: `vpce-${index}-abc.${service}.${REGION}.vpce.amazonaws.com`, hostedZoneId: 'Z2' }],
  requesterManaged: false,
  subnetIdSet: ['subnet-1'],
  groupSet: [{ groupId: 'sg-endpoints', groupName: 'endpoints' }],
}));

export function world({ clusters = ['alpha'], owner = OWN_ACCOUNT, answers = {} }: World = {}): (call: Call) => Answer {
  return (call) => answers[call.api]?.(call) ?? usual(call, clusters, owner);
}

function usual(call: Call, clusters: readonly string[], owner: string): Answer {
  const { name = '', item = '' } = call.params;
  const others = usualEc2(call, owner) ?? usualBalancers(call);
  if (others !== undefined) return others;
  switch (call.api) {
    case 'eks:ListClusters':
      return json({ clusters });
    case 'eks:DescribeCluster':
      return json({ cluster: cluster(name) });
    case 'eks:ListNodegroups':
      return json({ nodegroups: ['workers'] });
    case 'eks:DescribeNodegroup':
      return json({
        nodegroup: {
          nodegroupName: item,
          status: 'ACTIVE',
          subnets: ['subnet-2'],
          instanceTypes: ['m5.large'],
          scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 1 },
          launchTemplate: { id: 'lt-1', version: '3' },
        },
      });
    case 'eks:ListFargateProfiles':
      return json({ fargateProfileNames: ['jobs'] });
    case 'eks:DescribeFargateProfile':
      return json({ fargateProfile: { fargateProfileName: item, subnets: ['subnet-1'] } });
    case 'eks:ListAddons':
      return json({ addons: ['vpc-cni', 'coredns'] });
    case 'eks:DescribeAddon':
      return json({ addon: { addonName: item, configurationValues: '{"enableNetworkPolicy":"true"}' } });
    case 'eks:ListPodIdentityAssociations':
      return json({ associations: [{ associationId: 'a-1', namespace: 'apps', serviceAccount: 'shop' }] });
    case 'eks:ListAccessEntries':
      return json({ accessEntries: [`arn:aws:iam::${OWN_ACCOUNT}:role/admin`, SERVICE_ROLE] });
    case 'eks:ListAssociatedAccessPolicies':
      return json({ associatedAccessPolicies: [policy('AmazonEKSClusterAdminPolicy', 'cluster')] });
    case 'iam:ListAttachedRolePolicies':
      return {
        body: '<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>AmazonEKSClusterPolicy</PolicyName><PolicyArn>arn:aws:iam::aws:policy/AmazonEKSClusterPolicy</PolicyArn></member></AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>',
      };
    case 'route53:ListHostedZonesByVPC':
      return {
        body: '<ListHostedZonesByVPCResponse><HostedZoneSummaries><HostedZoneSummary><HostedZoneId>Z1</HostedZoneId><Name>sts.eu-central-1.amazonaws.com.</Name><Owner><OwningAccount>999999999999</OwningAccount></Owner></HostedZoneSummary></HostedZoneSummaries><MaxItems>100</MaxItems></ListHostedZonesByVPCResponse>',
      };
    case 'route53:ListResourceRecordSets':
      return {
        body: '<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>\\052.sts.eu-central-1.amazonaws.com.</Name><Type>A</Type><AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>vpce-2-abc.sts.eu-central-1.vpce.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>',
      };
    case 'route53profiles:ListProfileAssociations':
      return json({ ProfileAssociations: [{ ProfileId: 'rp-1', ResourceId: 'vpc-1' }] });
    case 'route53profiles:ListProfileResourceAssociations':
      return json({ ProfileResourceAssociations: [{ ResourceArn: 'arn:aws:ec2:eu-central-1:9:vpc-endpoint/vpce-9' }] });
    case 'route53resolver:ListResolverRuleAssociations':
      return json({
        ResolverRuleAssociations: [
          { ResolverRuleId: 'rslvr-autodefined-rr-internet-resolver', VPCId: 'vpc-1' },
          { ResolverRuleId: 'rslvr-rr-1', VPCId: 'vpc-1' },
        ],
      });
    case 'route53resolver:ListResolverRules':
      return json({ ResolverRules: [{ Id: 'rslvr-rr-1', DomainName: 'Corp.Example.', RuleType: 'FORWARD' }] });
    case 'sts:AssumeRole': {
      const account = /::(\d{12}):/.exec(call.params['RoleArn'] ?? '')?.[1] ?? '';
      return {
        body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      };
    }
    case 'sts:GetCallerIdentity':
      return {
        body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${OWN_ACCOUNT}</Account><Arn>arn:aws:iam::${OWN_ACCOUNT}:user/scanner</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      };
    default:
      return refusal(call.service, 'InvalidAction', 400, `${call.api} is not played`);
  }
}

const SERVICE_ROLE = `arn:aws:iam::${OWN_ACCOUNT}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`;

export function policy(name: string, type: string) {
  return { policyArn: `arn:aws:eks::aws:cluster-access-policy/${name}`, accessScope: { type, namespaces: [] } };
}

/** An internet-facing balancer with one target group of instances, an internal one, and no classic one. */
function usualBalancers(call: Call): Answer | undefined {
  const action = call.api.slice('elasticloadbalancing:'.length);
  switch (call.api) {
    case 'elasticloadbalancing:DescribeLoadBalancers':
      return isClassic(call)
        ? elb(action, { LoadBalancerDescriptions: [] })
        : elb(action, { LoadBalancers: [balancer('web'), balancer('inner', { Scheme: 'internal' })] });
    case 'elasticloadbalancing:DescribeTags':
      return elb(action, {
        TagDescriptions: [
          { ResourceArn: arnOf('web'), Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'alpha' }] },
          { ResourceArn: arnOf('inner'), Tags: [] },
        ],
      });
    case 'elasticloadbalancing:DescribeTargetGroups':
      return elb(action, { TargetGroups: [targetGroup('web', 'web')] });
    case 'elasticloadbalancing:DescribeTargetHealth':
      return elb(action, { TargetHealthDescriptions: [{ Target: { Id: 'i-self', Port: 30_080 } }] });
    default:
      return undefined;
  }
}

export const arnOf = (name: string) =>
  `arn:aws:elasticloadbalancing:${REGION}:${OWN_ACCOUNT}:loadbalancer/app/${name}/1`;

export function balancer(name: string, change: Readonly<Record<string, string>> = {}) {
  return {
    LoadBalancerArn: arnOf(name),
    LoadBalancerName: name,
    Type: 'application',
    Scheme: 'internet-facing',
    VpcId: 'vpc-1',
    AvailabilityZones: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-2' }],
    ...change,
  };
}

export function targetGroup(name: string, of: string, TargetType = 'instance') {
  return {
    TargetGroupArn: `arn:aws:elasticloadbalancing:${REGION}:${OWN_ACCOUNT}:targetgroup/${name}/1`,
    TargetType,
    LoadBalancerArns: [arnOf(of)],
  };
}

export function cluster(name: string): Record<string, unknown> {
  return {
    name,
    status: 'ACTIVE',
    version: '1.33',
    roleArn: `arn:aws:iam::${OWN_ACCOUNT}:role/eks-${name}`,
    resourcesVpcConfig: {
      subnetIds: ['subnet-1', 'subnet-2'],
      securityGroupIds: [],
      clusterSecurityGroupId: `sg-${name}`,
      vpcId: 'vpc-1',
      endpointPublicAccess: false,
      endpointPrivateAccess: true,
      publicAccessCidrs: [],
    },
    logging: { clusterLogging: [{ types: ['audit', 'authenticator'], enabled: true }] },
    accessConfig: { authenticationMode: 'API' },
  };
}

function usualEc2({ api, params }: Call, owner: string): Answer | undefined {
  const action = api.slice('ec2:'.length);
  switch (api) {
    case 'ec2:DescribeRegions':
      return ec2(action, {
        regionInfo: [
          { regionName: REGION, optInStatus: 'opt-in-not-required' },
          { regionName: 'ap-south-1', optInStatus: 'opt-in-not-required' },
          { regionName: 'ap-east-1', optInStatus: 'not-opted-in' },
        ],
      });
    case 'ec2:DescribeSubnets':
      return ec2(action, {
        subnetSet: ['subnet-1', 'subnet-2'].map((subnetId, index) => ({
          subnetId,
          vpcId: 'vpc-1',
          ownerId: owner,
          availabilityZoneId: `euc1-az${index + 1}`,
          cidrBlock: `10.0.${index}.0/24`,
          availableIpAddressCount: 200,
          mapPublicIpOnLaunch: false,
          blockPublicAccessStates: { internetGatewayBlockMode: 'block-bidirectional' },
          tagSet: [{ key: 'kubernetes.io/role/internal-elb', value: '1' }],
        })),
      });
    case 'ec2:DescribeVpcs':
      return ec2(action, {
        vpcSet: [{ vpcId: 'vpc-1', ownerId: owner, dhcpOptionsId: 'dopt-1', cidrBlock: '10.0.0.0/16' }],
      });
    case 'ec2:DescribeVpcAttribute': {
      const attribute = params['Attribute'] ?? '';
      return ec2(action, { vpcId: 'vpc-1', [attribute]: { value: true } });
    }
    case 'ec2:DescribeDhcpOptions':
      return ec2(action, {
        dhcpOptionsSet: [
          {
            dhcpOptionsId: 'dopt-1',
            dhcpConfigurationSet: [{ key: 'domain-name-servers', valueSet: [{ value: 'AmazonProvidedDNS' }] }],
          },
        ],
      });
    case 'ec2:DescribeRouteTables':
      return ec2(action, {
        routeTableSet: [
          {
            routeTableId: 'rtb-1',
            vpcId: 'vpc-1',
            routeSet: [
              { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
              { destinationPrefixListId: 'pl-own', transitGatewayId: 'tgw-1', state: 'active' },
              { destinationCidrBlock: '198.51.100.0/24', natGatewayId: 'nat-1', state: 'active' },
            ],
            associationSet: [{ routeTableAssociationId: 'a', main: true, associationState: { state: 'associated' } }],
          },
        ],
      });
    case 'ec2:DescribeVpcEndpoints':
      return ec2(action, { vpcEndpointSet: ENDPOINTS });
    case 'ec2:DescribeSecurityGroups':
      return ec2(action, {
        securityGroupInfo: [
          {
            groupId: 'sg-endpoints',
            groupName: 'endpoints',
            vpcId: 'vpc-1',
            ipPermissions: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp: '10.0.0.0/16' }] }],
            ipPermissionsEgress: [],
          },
        ],
      });
    case 'ec2:DescribeNetworkAcls':
      return ec2(action, { networkAclSet: [defaultAcl('vpc-1', ['subnet-1', 'subnet-2'])] });
    case 'ec2:DescribeNatGateways':
      return ec2(action, {
        natGatewaySet: [
          { natGatewayId: 'nat-1', connectivityType: 'private', state: 'available', subnetId: 'subnet-1' },
        ],
      });
    case 'ec2:DescribeNetworkInterfaces':
      return ec2(action, {
        networkInterfaceSet: [
          {
            networkInterfaceId: 'eni-1',
            subnetId: 'subnet-1',
            vpcId: 'vpc-1',
            interfaceType: 'nat_gateway',
            sourceDestCheck: false,
            association: { publicIp: '198.51.100.9' },
          },
        ],
      });
    case 'ec2:DescribeManagedPrefixLists':
      return ec2(action, { prefixListSet: [{ prefixListId: 'pl-own', prefixListName: 'own', ownerId: owner }] });
    case 'ec2:GetManagedPrefixListEntries':
      return ec2(action, { entrySet: [{ cidr: '10.8.0.0/16' }] });
    case 'ec2:DescribeVpcBlockPublicAccessExclusions':
      return ec2(action, { vpcBlockPublicAccessExclusionSet: [] });
    case 'ec2:DescribeVpcEndpointServices':
      return ec2(action, {
        serviceNameSet: [`${PREFIX}.ec2`, `${PREFIX}.s3`],
        serviceDetailSet: [
          {
            serviceName: `${PREFIX}.ec2`,
            privateDnsName: `ec2.${REGION}.amazonaws.com`,
            privateDnsNameSet: [{ privateDnsName: `ec2.${REGION}.api.aws` }],
          },
        ],
      });
    case 'ec2:DescribeInstanceTypes':
      return ec2(action, {
        instanceTypeSet: [
          {
            instanceType: 'm5.large',
            networkInfo: { maximumNetworkInterfaces: 3, ipv4AddressesPerInterface: 10, defaultNetworkCardIndex: 0 },
          },
        ],
      });
    case 'ec2:DescribeInstances':
      return ec2(action, {
        reservationSet: [
          {
            instancesSet: [
              {
                instanceId: 'i-self',
                subnetId: 'subnet-1',
                groupSet: [{ groupId: 'sg-self', groupName: 'self' }],
                tagSet: [{ key: 'kubernetes.io/cluster/alpha', value: 'owned' }],
              },
            ],
          },
        ],
      });
    case 'ec2:DescribeLaunchTemplateVersions':
      return ec2(action, {
        launchTemplateVersionSet: [
          {
            launchTemplateId: 'lt-1',
            versionNumber: 3,
            launchTemplateData: {
              userData: Buffer.from('export HTTPS_PROXY=http://proxy:3128\nPASSWORD=hunter2').toString('base64'),
              networkInterfaceSet: [{ deviceIndex: 0, associatePublicIpAddress: false, groupSet: ['sg-nodes'] }],
            },
          },
        ],
      });
    default:
      return undefined;
  }
}
