import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { ownerOf } from '#domain/provider-facts.ts';

type Platform = KubernetesEvidence['platform'];

/** Told by the uid of the cloud's cluster, else by the API server's name or version. Anything else runs its own control plane. */
export function platformOf(uid: string, host: string, version: string): Platform {
  const cloud = ownerOf(uid);
  if (cloud === 'aws' || host.endsWith('.eks.amazonaws.com') || /-eks-/.test(version)) return 'eks';
  if (cloud === 'azure' || host.endsWith('.azmk8s.io')) return 'aks';
  if (cloud === 'ibm' || host.endsWith('.containers.cloud.ibm.com') || /\+IKS/i.test(version)) return 'iks';
  return 'self-managed';
}
