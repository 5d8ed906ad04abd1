/** What the role in a scanned account may do. The role policy is built from this list, and no action outside it is called there. */
export const permissions = [
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeNatGateways',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribeRegions',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcBlockPublicAccessExclusions',
  'ec2:DescribeVpcEndpointServices',
  'ec2:DescribeVpcEndpoints',
  'ec2:DescribeVpcs',
  'ec2:GetManagedPrefixListEntries',
  'eks:DescribeAddon',
  'eks:DescribeCluster',
  'eks:DescribeFargateProfile',
  'eks:DescribeNodegroup',
  'eks:ListAddons',
  'eks:ListClusters',
  'eks:ListFargateProfiles',
  'eks:ListNodegroups',
  'eks:ListPodIdentityAssociations',
  'iam:ListAttachedRolePolicies',
  'route53:ListHostedZonesByVPC',
  'route53profiles:ListProfileAssociations',
  'route53profiles:ListProfileResourceAssociations',
  'route53resolver:ListResolverRuleAssociations',
  'route53resolver:ListResolverRules',
] as const;

/** What the hub itself needs beside: to list the organisation and to enter the accounts. */
export const scannerPermissions = [
  'organizations:ListAccounts',
  'organizations:ListAccountsForParent',
  'organizations:ListOrganizationalUnitsForParent',
  'sts:AssumeRole',
] as const;

export type Permission = (typeof permissions)[number] | (typeof scannerPermissions)[number];
