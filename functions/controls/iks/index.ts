import type { Control } from '#domain/control.ts';
import accountServiceEndpoint from './account-service-endpoint.ts';
import accountVrf from './account-vrf.ts';
import auditLog from './audit-log.ts';
import closed from './closed.ts';
import contextRestrictions from './context-restrictions.ts';
import ingressPrivate from './ingress-private.ts';
import masterUrl from './master-url.ts';
import networkPolicy from './network-policy.ts';
import nodeEgress from './node-egress.ts';
import privateEndpoint from './private-endpoint.ts';
import publicEndpoint from './public-endpoint.ts';
import reachability from './reachability.ts';
import vlanSpanning from './vlan-spanning.ts';

/** Every control of this platform, one line each. */
export const iksControls: readonly Control[] = [
  accountServiceEndpoint,
  accountVrf,
  auditLog,
  closed,
  contextRestrictions,
  ingressPrivate,
  publicEndpoint,
  masterUrl,
  networkPolicy,
  nodeEgress,
  privateEndpoint,
  reachability,
  vlanSpanning,
];
