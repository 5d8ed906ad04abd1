import { given } from '#domain/collected.ts';
import type { Sample } from '../sample.ts';
import { kubernetesEvidence, pluginContainer, pod, read } from './evidence.ts';

/** A cluster of EKS whose own plugin enforces policies, which it does only on pods that a workload owns. */
const withVpcCni = kubernetesEvidence({
  platform: 'eks',
  pods: read([
    pod('shop', 'web', { app: 'web' }),
    pod('shop', 'agent', {}, { hostNetwork: true, owner: given({ kind: 'DaemonSet', name: 'agent' }) }),
  ]),
  daemonSets: read([
    {
      namespace: 'kube-system',
      name: 'aws-node',
      ready: given(1),
      containers: [pluginContainer('aws-eks-nodeagent', { args: ['--enable-network-policy=true'] })],
    },
  ]),
});

export const kubernetesSamples: readonly Sample[] = [
  { kind: 'kubernetes', name: 'a self-managed cluster that passes every control', evidence: kubernetesEvidence() },
  { kind: 'kubernetes', name: 'a cluster of EKS with the VPC CNI', evidence: withVpcCni },
];
