import type { Control } from '#domain/control.ts';
import endpointPrivate from './endpoint-private.ts';
import endpointPublic from './endpoint-public.ts';
import nodeEgress from './node-egress.ts';
import vpcEndpoints from './vpc-endpoints.ts';

/** Every control of this platform, one line each. */
export const eksControls: readonly Control[] = [endpointPrivate, endpointPublic, nodeEgress, vpcEndpoints];
