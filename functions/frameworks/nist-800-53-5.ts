import type { Framework } from './framework.ts';

/**
 * Reference: NIST SP 800-53 Rev. 5. AC-4 information flow enforcement, AC-6 least privilege, AU-12 audit record generation, SC-7 boundary
 * protection, SC-8 confidentiality in transit, SC-28 protection at rest.
 */
export const nist80053: Framework = {
  id: 'nist-800-53-5',
  name: 'NIST SP 800-53',
  version: 'Rev. 5',
  requirements: {
    'AC-4': [
      'eks-node-egress',
      'aks-outbound-type',
      'aks-egress-route',
      'aks-egress-firewall',
      'aks-egress-carve-outs',
      'aks-static-egress-gateway',
      'iks-node-egress',
      'kubernetes-default-deny-ingress',
      'kubernetes-default-deny-egress',
      'kubernetes-pods-isolated',
      'kubernetes-unrestricted-policy',
    ],
    'AC-6': ['kubernetes-rbac', 'kubespray-authorization-modes'],
    'AU-12': ['eks-audit-log', 'aks-audit-log', 'iks-audit-log', 'kubernetes-audit-log', 'kubespray-audit'],
    'SC-7': [
      'closed-network',
      'eks-endpoint-public',
      'eks-endpoint-private',
      'eks-vpc-endpoints',
      'eks-node-egress',
      'eks-node-public-address',
      'eks-security-group-ingress',
      'aks-api-private',
      'aks-api-authorized-ranges',
      'aks-outbound-type',
      'aks-egress-route',
      'aks-static-egress-gateway',
      'aks-node-public-ip',
      'aks-host-ports',
      'aks-load-balancer-internal',
      'aks-managed-ingress',
      'ibm-account-vrf',
      'ibm-account-service-endpoint',
      'iks-public-endpoint',
      'iks-private-endpoint',
      'iks-closed',
      'iks-node-egress',
      'iks-ingress-private',
      'iks-context-restrictions',
      'kubernetes-services-internal',
    ],
    'SC-8': ['kubernetes-encryption-in-transit'],
    'SC-28': ['eks-secrets-encryption', 'kubespray-secret-encryption'],
  },
};
