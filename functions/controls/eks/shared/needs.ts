/** Reads behind where the nodes are. */
export const NODE_NEEDS = [
  'eks:DescribeCluster',
  'eks:ListNodegroups',
  'eks:DescribeNodegroup',
  'eks:ListFargateProfiles',
  'eks:DescribeFargateProfile',
  'ec2:DescribeInstances',
  'ec2:DescribeSubnets',
] as const;

/** Reads behind the path out of a subnet that is known. */
export const PATH_NEEDS = [
  'ec2:DescribeVpcs',
  'ec2:DescribeRouteTables',
  'ec2:DescribeNatGateways',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeManagedPrefixLists',
  'ec2:DescribeVpcEndpoints',
  'ec2:GetManagedPrefixListEntries',
  'ec2:DescribeVpcBlockPublicAccessExclusions',
] as const;

/** Reads behind the node subnets and their paths, shared by every control that walks them. */
export const NODE_PATH_NEEDS = [...NODE_NEEDS, ...PATH_NEEDS] as const;

/** Reads behind an endpoint's usability. */
export const ENDPOINT_NEEDS = [
  ...NODE_PATH_NEEDS,
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribeVpcAttribute',
  'route53:ListHostedZonesByVPC',
  'route53:ListResourceRecordSets',
  'route53profiles:ListProfileAssociations',
  'route53profiles:ListProfileResourceAssociations',
  'route53resolver:ListResolverRuleAssociations',
  'route53resolver:ListResolverRules',
] as const;
