import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';
import { EksAccessEntry, EksHealthIssue } from './eks-access.ts';
import { EksAddon, EksPodIdentity } from './eks-addons.ts';
import { EksInstance } from './eks-instances.ts';
import { EksNetwork } from './eks-network.ts';

const text = v.string();

/** The answer of DescribeCluster, reduced to what controls read. */
export const EksCluster = v.strictObject({
  status: fieldSchema(text),
  version: fieldSchema(text),
  endpointPublicAccess: fieldSchema(v.boolean()),
  endpointPrivateAccess: fieldSchema(v.boolean()),
  publicAccessCidrs: fieldSchema(v.array(text)),
  subnetIds: fieldSchema(v.array(text)),
  securityGroupIds: fieldSchema(v.array(text)),
  clusterSecurityGroupId: fieldSchema(text),
  vpcId: fieldSchema(text),
  controlPlaneEgressMode: fieldSchema(text),
  /** Log types that are switched on. */
  enabledLogs: fieldSchema(v.array(text)),
  /** Resources that a customer key encrypts. */
  encryptedResources: fieldSchema(v.array(text)),
  authenticationMode: fieldSchema(text),
  ipFamily: fieldSchema(text),
  autoMode: fieldSchema(v.boolean()),
  remoteNodeNetworks: fieldSchema(v.array(text)),
  roleArn: fieldSchema(text),
  /** cloud: the usual. outposts: a local cluster. connected: registered by EKS Connector. */
  kind: v.picklist(['cloud', 'outposts', 'connected']),
  /** Whether the principal that created the cluster was made an administrator by that. */
  creatorIsAdministrator: fieldSchema(v.boolean()),
  /** Ranges of the cluster's Services. */
  serviceCidrs: fieldSchema(v.array(text)),
  health: fieldSchema(v.array(EksHealthIssue)),
});
export type EksCluster = v.InferOutput<typeof EksCluster>;

/** What a launch template says of a node's network; user data is reduced to booleans where it is read. */
export const EksLaunchTemplate = v.strictObject({
  /** Setting of the first network interface; absent: the subnet decides. */
  associatePublicAddress: fieldSchema(v.boolean()),
  instanceType: fieldSchema(text),
  securityGroupIds: v.array(text),
  setsProxy: fieldSchema(v.boolean()),
  /** What every NO_PROXY of the user data names; empty where it sets none. */
  noProxy: fieldSchema(v.array(text)),
});
export type EksLaunchTemplate = v.InferOutput<typeof EksLaunchTemplate>;

export const EksNodeGroup = v.strictObject({
  name: text,
  status: fieldSchema(text),
  subnetIds: fieldSchema(v.array(text)),
  instanceTypes: fieldSchema(v.array(text)),
  maxSize: fieldSchema(v.number()),
  health: fieldSchema(v.array(EksHealthIssue)),
  /** Remote access by SSH or RDP: the groups that it is limited to; empty: open to everybody. Absent: there is none. */
  remoteAccess: fieldSchema(v.array(text)),
  /** The group that EKS made for remote access. */
  remoteAccessGroupId: fieldSchema(text),
  launchTemplate: v.variant('use', [
    v.strictObject({ use: v.literal('none') }),
    v.strictObject({
      use: v.literal('template'),
      id: text,
      version: text,
      content: collectedSchema(EksLaunchTemplate),
    }),
  ]),
});
export type EksNodeGroup = v.InferOutput<typeof EksNodeGroup>;

export const EksEvidence = v.strictObject({
  arn: text,
  name: text,
  account: text,
  region: text,
  partition: text,
  cluster: collectedSchema(EksCluster),
  nodeGroups: collectedSchema(v.array(collectedSchema(EksNodeGroup))),
  /** Subnets of each Fargate profile. */
  fargateProfiles: collectedSchema(
    v.array(collectedSchema(v.strictObject({ name: text, subnetIds: fieldSchema(v.array(text)) }))),
  ),
  /** Every instance that carries the cluster's tag, those of managed groups too. */
  instances: collectedSchema(v.array(EksInstance)),
  addons: collectedSchema(v.array(text)),
  /** Of the vpc-cni add-on. `not-installed`: the list was read and does not name it. */
  vpcCni: v.variant('state', [
    v.strictObject({ state: v.literal('not-installed') }),
    v.strictObject({ state: v.literal('listed'), configuration: collectedSchema(fieldSchema(text)) }),
    v.strictObject({ state: v.literal('not-listed') }),
  ]),
  /** The add-ons that may carry a role, and vpc-cni; the others are in `addons` alone. */
  addonDescriptions: v.array(EksAddon),
  podIdentityAssociations: collectedSchema(v.array(EksPodIdentity)),
  rolePolicies: collectedSchema(v.array(text)),
  accessEntries: collectedSchema(v.array(EksAccessEntry)),
  /** The region's clusters with their groups, this one left out; a neighbour that could not be described is unavailable. */
  neighbours: v.array(
    v.strictObject({
      name: text,
      groups: collectedSchema(v.strictObject({ additional: v.array(text), own: fieldSchema(text) })),
    }),
  ),
  network: EksNetwork,
});
export type EksEvidence = v.InferOutput<typeof EksEvidence>;
