import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';
import { EksAcl } from './eks-acls.ts';
import { EksLoadBalancers } from './eks-load-balancers.ts';
import { EksInterface, EksNatGateway, EksPrefixListOwner, EksPrivateNames, EksServiceZone } from './eks-paths.ts';

const text = v.string();
const Tags = v.array(v.strictObject({ key: text, value: text }));

export const EksSubnet = v.strictObject({
  id: text,
  vpcId: text,
  /** Account that owns the subnet; another one than the cluster's means a shared VPC. */
  ownerId: fieldSchema(text),
  zoneId: fieldSchema(text),
  cidr: text,
  ipv6Cidrs: v.array(text),
  freeAddresses: fieldSchema(v.number()),
  mapsPublicAddress: fieldSchema(v.boolean()),
  /** Block Public Access as the subnet itself states it: `off`, `block-bidirectional`, `block-ingress`. */
  blockMode: fieldSchema(text),
  tags: Tags,
});
export type EksSubnet = v.InferOutput<typeof EksSubnet>;

const ROUTE_TARGETS = [
  'local',
  'internet-gateway',
  'virtual-private-gateway',
  'vpc-endpoint',
  'nat-gateway',
  'egress-only-gateway',
  'transit-gateway',
  'core-network',
  'peering',
  'network-interface',
  'instance',
  'other-gateway',
  'none',
] as const;

export const EksRoute = v.strictObject({
  /** An IPv4 or IPv6 block, or the id of a prefix list. */
  destination: text,
  targetKind: v.picklist(ROUTE_TARGETS),
  targetId: text,
  state: text,
});
export type EksRoute = v.InferOutput<typeof EksRoute>;

export const EksRouteTable = v.strictObject({
  id: text,
  vpcId: text,
  main: v.boolean(),
  subnetIds: v.array(text),
  /** Subnets that are on their way to this table or away from it. */
  unsettledSubnetIds: v.array(text),
  routes: v.array(EksRoute),
});
export type EksRouteTable = v.InferOutput<typeof EksRouteTable>;

export const EksEndpoint = v.strictObject({
  id: text,
  vpcId: text,
  serviceName: text,
  state: text,
  type: text,
  privateDns: fieldSchema(v.boolean()),
  privateDnsOnlyForInboundResolver: fieldSchema(v.boolean()),
  /** `ipv4`, `dualstack` or `ipv6`. */
  addressType: fieldSchema(text),
  groupIds: v.array(text),
  subnetIds: v.array(text),
  routeTableIds: v.array(text),
  requesterManaged: fieldSchema(v.boolean()),
  serviceRegion: fieldSchema(text),
  policy: fieldSchema(text),
  /** Names of its own, by which private zones can point to it. */
  dnsNames: v.array(text),
});
export type EksEndpoint = v.InferOutput<typeof EksEndpoint>;

export const SecurityRule = v.strictObject({
  protocol: text,
  fromPort: fieldSchema(v.number()),
  toPort: fieldSchema(v.number()),
  ranges: v.array(text),
  groupIds: v.array(text),
  prefixListIds: v.array(text),
});
export type SecurityRule = v.InferOutput<typeof SecurityRule>;

export const SecurityGroup = v.strictObject({
  id: text,
  name: text,
  vpcId: text,
  ingress: v.array(SecurityRule),
  /** Absent where the answer holds no list; an empty list lets nothing out. */
  egress: fieldSchema(v.array(SecurityRule)),
});
export type SecurityGroup = v.InferOutput<typeof SecurityGroup>;

export const EksVpc = v.strictObject({
  id: text,
  ownerId: fieldSchema(text),
  dhcpOptionsId: fieldSchema(text),
  primaryRange: fieldSchema(text),
  /** Every IPv4 range, the primary one among them. */
  ranges: v.array(text),
  /** Block Public Access as the VPC states it; a subnet's own statement comes first. */
  blockMode: fieldSchema(text),
  dnsSupport: collectedSchema(fieldSchema(v.boolean())),
  dnsHostnames: collectedSchema(fieldSchema(v.boolean())),
  /** Name servers of the DHCP options; `AmazonProvidedDNS` is Amazon's. Empty: the set names none. */
  nameServers: collectedSchema(v.array(text)),
  routeTables: collectedSchema(v.array(EksRouteTable)),
  endpoints: collectedSchema(v.array(EksEndpoint)),
  /** Names of the private hosted zones that the VPC resolves by, without the last dot. */
  hostedZones: collectedSchema(v.array(text)),
  /** Those named like a service, read only where an endpoint of the VPC keeps its private name off. */
  serviceZones: v.array(EksServiceZone),
  /** Ids of the Route 53 Profiles that bring zones, endpoints or rules into the VPC. */
  profiles: collectedSchema(v.array(text)),
  /** Domains that resolver rules of the VPC send elsewhere, without the last dot; empty text: all of them. */
  forwardedDomains: collectedSchema(v.array(text)),
});
export type EksVpc = v.InferOutput<typeof EksVpc>;

/** Everything EC2 says of one region, read once and shared by its clusters. */
export const EksNetwork = v.strictObject({
  vpcs: collectedSchema(v.array(EksVpc)),
  /** Every subnet of the VPCs that this account sees, not only those that clusters name. */
  subnets: collectedSchema(v.array(EksSubnet)),
  securityGroups: collectedSchema(v.array(SecurityGroup)),
  networkAcls: collectedSchema(v.array(EksAcl)),
  loadBalancers: collectedSchema(EksLoadBalancers),
  natGateways: collectedSchema(v.array(EksNatGateway)),
  /** Of the VPCs with a route to a gateway, an instance or an interface; not asked of the others. */
  interfaces: collectedSchema(v.array(EksInterface)),
  prefixLists: collectedSchema(v.array(v.strictObject({ id: text, cidrs: v.array(text) }))),
  /** Of the prefix lists that routes name. */
  prefixListOwners: collectedSchema(v.array(EksPrefixListOwner)),
  /** Exclusions from VPC Block Public Access, by the subnet or VPC they name. */
  blockExclusions: collectedSchema(v.array(v.strictObject({ resource: text, mode: text, state: text }))),
  /** Full names of the services that PrivateLink offers in the region. */
  offeredServices: collectedSchema(v.array(text)),
  privateNames: collectedSchema(v.array(EksPrivateNames)),
  instanceTypes: collectedSchema(
    v.array(v.strictObject({ name: text, interfaces: v.number(), addressesPerInterface: v.number() })),
  ),
});
export type EksNetwork = v.InferOutput<typeof EksNetwork>;
