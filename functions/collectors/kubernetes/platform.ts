import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';

type Platform = KubernetesEvidence['platform'];

/** Told by the uid of the cloud's cluster, else by the API server's name or version. Anything else runs its own control plane. */
export function platformOf(uid: string, host: string, version: string): Platform {
  if (/^arn:aws[a-z-]*:eks:/.test(uid) || host.endsWith('.eks.amazonaws.com') || /-eks-/.test(version)) return 'eks';
  if (/^\/subscriptions\//i.test(uid) || host.endsWith('.azmk8s.io')) return 'aks';
  if (uid.startsWith('ibm:cluster:') || host.endsWith('.containers.cloud.ibm.com') || /\+IKS/i.test(version))
    return 'iks';
  return 'self-managed';
}
