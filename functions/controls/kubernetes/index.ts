import type { Control } from '#domain/control.ts';
import auditLog from './audit-log.ts';
import cniEnforces from './cni-enforces.ts';
import defaultDenyEgress from './default-deny-egress.ts';
import defaultDenyIngress from './default-deny-ingress.ts';
import defaultPorts from './default-ports.ts';
import encryptionInTransit from './encryption-in-transit.ts';
import externalIps from './external-ips.ts';
import hostNetwork from './host-network.ts';
import meshAuthorization from './mesh-authorization.ts';
import misappliedPolicy from './misapplied-policy.ts';
import podsIsolated from './pods-isolated.ts';
import rbac from './rbac.ts';
import servicesInternal from './services-internal.ts';
import unrestrictedPolicy from './unrestricted-policy.ts';

/** Every control of this platform, one line each. */
export const kubernetesControls: readonly Control[] = [
  auditLog,
  defaultDenyEgress,
  defaultDenyIngress,
  defaultPorts,
  encryptionInTransit,
  meshAuthorization,
  externalIps,
  hostNetwork,
  misappliedPolicy,
  podsIsolated,
  rbac,
  servicesInternal,
  cniEnforces,
  unrestrictedPolicy,
];
