import type { Control } from '#domain/control.ts';
import accessMode from './access-mode.ts';
import auditLog from './audit-log.ts';
import clusterAdmins from './cluster-admins.ts';
import clusterRole from './cluster-role.ts';
import connectedNetworks from './connected-networks.ts';
import controlPlaneEgress from './control-plane-egress.ts';
import endpointPrivate from './endpoint-private.ts';
import endpointPublic from './endpoint-public.ts';
import loadBalancerInternal from './load-balancer-internal.ts';
import networkPolicy from './network-policy.ts';
import nodeEgress from './node-egress.ts';
import nodeProxy from './node-proxy.ts';
import nodePublicAddress from './node-public-address.ts';
import nodesHealthy from './nodes-healthy.ts';
import podCapacity from './pod-capacity.ts';
import secretsEncryption from './secrets-encryption.ts';
import securityGroupDedicated from './security-group-dedicated.ts';
import securityGroupIngress from './security-group-ingress.ts';
import subnetAddresses from './subnet-addresses.ts';
import subnetTags from './subnet-tags.ts';
import subnetZones from './subnet-zones.ts';
import vpcDns from './vpc-dns.ts';
import vpcEndpoints from './vpc-endpoints.ts';
import vpcEndpointsUsed from './vpc-endpoints-used.ts';

/** Every control of this platform, one line each. */
export const eksControls: readonly Control[] = [
  endpointPublic,
  endpointPrivate,
  nodeEgress,
  vpcEndpoints,
  vpcEndpointsUsed,
  nodePublicAddress,
  vpcDns,
  subnetZones,
  subnetTags,
  subnetAddresses,
  podCapacity,
  securityGroupDedicated,
  securityGroupIngress,
  connectedNetworks,
  nodeProxy,
  clusterRole,
  controlPlaneEgress,
  auditLog,
  secretsEncryption,
  networkPolicy,
  accessMode,
  loadBalancerInternal,
  nodesHealthy,
  clusterAdmins,
];
