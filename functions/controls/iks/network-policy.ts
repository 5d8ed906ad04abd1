import { pass, unknown } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { iksFact, withIks } from './cluster.ts';

const ENFORCING = ['calico', 'ovnkubernetes'];

export default defineControl({
  id: 'iks-network-policy',
  subject: 'iks',
  title: 'A policy-enforcing network plugin is in force',
  severity: 'MEDIUM',
  basis: 'seed 002: use a CNI plugin with a policy framework',
  reference: 'IBM Cloud Kubernetes Service, cluster record (networkPlugin)',
  remediation: 'Use Calico or OVNKubernetes.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  evaluate: (evidence) =>
    withIks(evidence, (cluster) => {
      const { networkPlugin } = cluster.value;
      if (networkPlugin.state !== 'given')
        return unknown(
          networkPlugin.state === 'absent' ? 'absent-field' : 'malformed-answer',
          'the answer holds no networkPlugin',
        );
      const proof = [iksFact(cluster, 'networkPlugin', networkPlugin.value)];
      return ENFORCING.includes(networkPlugin.value.toLowerCase())
        ? pass(`${networkPlugin.value} enforces NetworkPolicies`, proof)
        : unknown('unrecognised-value', `networkPlugin ${networkPlugin.value} is not known`, proof);
    }),
});
