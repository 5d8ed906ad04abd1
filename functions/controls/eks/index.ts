import type { Control } from '#domain/control.ts';
import endpointPrivate from './endpoint-private.ts';
import endpointPublic from './endpoint-public.ts';
import nodeEgress from './node-egress.ts';
import nodePublicAddress from './node-public-address.ts';
import securityGroupIngress from './security-group-ingress.ts';
import vpcDns from './vpc-dns.ts';
import vpcEndpoints from './vpc-endpoints.ts';

/** Every control of this platform, one line each. */
export const eksControls: readonly Control[] = [
  endpointPrivate,
  endpointPublic,
  nodeEgress,
  nodePublicAddress,
  securityGroupIngress,
  vpcDns,
  vpcEndpoints,
];
