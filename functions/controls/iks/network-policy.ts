import { pass, unknown } from '#domain/verdict.ts';
import { iksFact } from './shared/cluster.ts';
import { defineIksControl } from './shared/define-iks-control.ts';

const ENFORCING = ['calico', 'ovnkubernetes'];

export default defineIksControl({
  id: 'iks-network-policy',
  title: 'A policy-enforcing network plugin is in force',
  severity: 'MEDIUM',
  basis: 'seed 002: use a CNI plugin with a policy framework',
  reference: 'IBM Cloud Kubernetes Service, cluster record (networkPlugin)',
  remediation: 'Use Calico or OVNKubernetes.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  evaluate(subject) {
    const { networkPlugin } = subject.cluster;
    if (networkPlugin.state !== 'given')
      return unknown(
        networkPlugin.state === 'absent' ? 'absent-field' : 'malformed-answer',
        'the answer holds no networkPlugin',
      );
    const proof = [iksFact(subject, 'networkPlugin', networkPlugin.value)];
    return ENFORCING.includes(networkPlugin.value.toLowerCase())
      ? pass(`${networkPlugin.value} enforces NetworkPolicies`, proof)
      : unknown('unrecognised-value', `networkPlugin ${networkPlugin.value} is not known`, proof);
  },
});
