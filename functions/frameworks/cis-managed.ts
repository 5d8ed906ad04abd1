import type { Framework } from './framework.ts';

/** Reference: CIS Amazon EKS Benchmark v1.8.0. */
export const cisEks180: Framework = {
  id: 'cis-eks-1.8.0',
  name: 'CIS Amazon EKS Benchmark',
  version: '1.8.0',
  requirements: {
    '2.1.1': ['eks-audit-log'],
    '4.3.1': ['eks-network-policy', 'kubernetes-cni-enforces'],
    '4.3.2': ['kubernetes-default-deny-ingress', 'kubernetes-default-deny-egress', 'kubernetes-pods-isolated'],
    '5.3.1': ['eks-secrets-encryption'],
    '5.4.1': ['eks-endpoint-public'],
    '5.4.2': ['eks-endpoint-private', 'eks-endpoint-public'],
    '5.4.3': ['eks-node-public-address', 'eks-node-egress'],
    '5.4.4': ['eks-network-policy', 'kubernetes-cni-enforces'],
  },
};

/** Reference: CIS Azure Kubernetes Service Benchmark v1.8. */
export const cisAks18: Framework = {
  id: 'cis-aks-1.8',
  name: 'CIS Azure Kubernetes Service (AKS) Benchmark',
  version: '1.8',
  requirements: {
    '2.1.1': ['aks-audit-log'],
    '4.4.1': ['aks-network-policy', 'kubernetes-cni-enforces'],
    '4.4.2': ['kubernetes-default-deny-ingress', 'kubernetes-default-deny-egress', 'kubernetes-pods-isolated'],
    '5.4.1': ['aks-api-private', 'aks-api-authorized-ranges'],
    '5.4.2': ['aks-api-private', 'aks-api-public-name'],
    '5.4.3': ['aks-node-public-ip'],
    '5.4.4': ['aks-network-policy', 'kubernetes-cni-enforces'],
  },
};

/** Reference: CIS IBM Cloud Foundations Benchmark 1.0.0; it has no item on account VRF or account service endpoints. */
export const cisIbmCloud100: Framework = {
  id: 'cis-ibm-cloud-1.0.0',
  name: 'CIS IBM Cloud Foundations Benchmark',
  version: '1.0.0',
  requirements: {
    '7.1.4': ['iks-public-endpoint', 'iks-private-endpoint', 'iks-closed'],
  },
};
