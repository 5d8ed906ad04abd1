import type { Control } from '#domain/control.ts';
import apiAuthorizedRanges from './api-authorized-ranges.ts';
import apiPrivate from './api-private.ts';
import apiPrivateDnsZone from './api-private-dns-zone.ts';
import apiPublicName from './api-public-name.ts';
import apiSubnetDelegation from './api-subnet-delegation.ts';
import auditLog from './audit-log.ts';
import egressCarveOuts from './egress-carve-outs.ts';
import egressFirewall from './egress-firewall.ts';
import egressRoute from './egress-route.ts';
import egressRules from './egress-rules.ts';
import hostPorts from './host-ports.ts';
import loadBalancerInternal from './load-balancer-internal.ts';
import loadBalancerSku from './load-balancer-sku.ts';
import localAccounts from './local-accounts.ts';
import managedIngress from './managed-ingress.ts';
import networkIsolated from './network-isolated.ts';
import networkPolicy from './network-policy.ts';
import nodePublicIp from './node-public-ip.ts';
import outboundType from './outbound-type.ts';
import privateEndpointConnections from './private-endpoint-connections.ts';
import privateEndpoints from './private-endpoints.ts';
import privateLinkService from './private-link-service.ts';
import runCommand from './run-command.ts';
import staticEgressGateway from './static-egress-gateway.ts';
import subnetDefaultOutbound from './subnet-default-outbound.ts';

/** Every control of this platform, one line each. */
export const aksControls: readonly Control[] = [
  outboundType,
  egressRoute,
  apiPrivate,
  apiPublicName,
  apiPrivateDnsZone,
  apiAuthorizedRanges,
  apiSubnetDelegation,
  runCommand,
  privateEndpointConnections,
  nodePublicIp,
  hostPorts,
  loadBalancerInternal,
  managedIngress,
  privateLinkService,
  loadBalancerSku,
  egressFirewall,
  egressRules,
  egressCarveOuts,
  networkIsolated,
  privateEndpoints,
  subnetDefaultOutbound,
  staticEgressGateway,
  networkPolicy,
  localAccounts,
  auditLog,
];
