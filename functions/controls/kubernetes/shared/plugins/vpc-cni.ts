import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Proof } from '#domain/verdict.ts';
import { commandsFix, yamlFix } from '../fix.ts';
import type { DaemonSet, Enforcement } from './enforcement.ts';

/** The VPC CNI enforces only where its node agent is told to; the agent's flag is absent or false by default. */
export function vpcCniEnforcement({ containers }: DaemonSet, seen: Proof, cluster: string): Enforcement {
  const agent = containers.find(({ name }) => name === 'aws-eks-nodeagent');
  const flag = agent?.args.findLast((argument) => argument.startsWith('--enable-network-policy'));
  const proof: Proof = {
    kind: 'fact',
    line: `aws-node, container aws-eks-nodeagent: ${flag ?? 'no --enable-network-policy'}`,
    field: 'spec.template.spec.containers[aws-eks-nodeagent].args',
    value: flag ?? 'absent',
  };
  return flag === '--enable-network-policy=true' || flag === '--enable-network-policy'
    ? { state: 'enforced', plugin: VPC_CNI, message: 'the VPC CNI enforces NetworkPolicies', proof: [proof, seen] }
    : {
        state: 'not-enforced',
        defect: 'not-enforced',
        message: 'the VPC CNI runs with network policy switched off',
        proof: [proof, seen],
        fix: commandsFix([
          `aws eks update-addon --addon-name vpc-cni --configuration-values '{"enableNetworkPolicy":"true"}' --cluster-name ${shellQuote(cluster)}`,
        ]),
      };
}

export const VPC_CNI = 'VPC CNI';

/** EKS Auto Mode runs the CNI outside the cluster: a ConfigMap switches the controller on, a NodeClass the nodes. */
export function autoModeEnforcement({ vpcCniConfig, nodeClasses }: KubernetesEvidence): Enforcement {
  for (const part of [vpcCniConfig, nodeClasses]) {
    if (part.state === 'unavailable') {
      return { state: 'unknown', reason: part.reason, message: part.message, proof: [] };
    }
  }
  if (vpcCniConfig.state === 'unavailable' || nodeClasses.state === 'unavailable' || !nodeClasses.value.served) {
    return {
      state: 'unknown',
      reason: 'undecidable',
      message: 'no network plugin runs as a DaemonSet, and no EKS NodeClass exists',
      proof: [],
    };
  }
  const enabled = vpcCniConfig.value.data['enable-network-policy-controller'];
  const proof: Proof[] = [
    {
      kind: 'fact',
      line: `ConfigMap kube-system/amazon-vpc-cni enable-network-policy-controller: ${enabled ?? 'absent'}`,
      source: vpcCniConfig.source,
      field: 'data.enable-network-policy-controller',
      value: enabled ?? 'absent',
    },
    ...nodeClasses.value.items.map(
      ({ name, networkPolicy }): Proof => ({
        kind: 'fact',
        line: `NodeClass ${name} networkPolicy: ${networkPolicy.state === 'given' ? networkPolicy.value : networkPolicy.state}`,
        source: nodeClasses.source,
        field: 'spec.networkPolicy',
      }),
    ),
  ];
  if (enabled !== 'true') {
    return {
      state: 'not-enforced',
      defect: 'not-enforced',
      message: 'EKS Auto Mode: the network policy controller is not switched on',
      proof,
      fix: yamlFix(
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: amazon-vpc-cni\n  namespace: kube-system\ndata:\n  enable-network-policy-controller: "true"',
      ),
    };
  }
  const modes = nodeClasses.value.items.map(({ networkPolicy }) => networkPolicy);
  const known = modes.every((mode) => mode.state === 'given' && ['DefaultAllow', 'DefaultDeny'].includes(mode.value));
  return modes.length > 0 && known
    ? { state: 'enforced', plugin: 'EKS Auto Mode', message: 'EKS Auto Mode enforces NetworkPolicies', proof }
    : {
        state: 'unknown',
        reason: 'absent-field',
        message: 'EKS Auto Mode: a NodeClass does not say how it enforces policies',
        proof,
      };
}
