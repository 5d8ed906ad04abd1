import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, notApplicable, type Proof, pass, unknown } from '#domain/verdict.ts';
import { type PodClass, workloadId } from '#reachability/classes.ts';
import type { Pod } from '#reachability/model.ts';
import { OWNER_DEFAULT } from './shared/defaults.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { defaultDeny, yamlFix } from './shared/fix.ts';
import { isolatesAlways, VPC_CNI } from './shared/network-plugin.ts';
import { exemptNamespacesParameter, exemptProof, judgeNetwork, POLICY_NEEDS, shortList } from './shared/scope.ts';

function idOf({ namespace, workload }: Pod): string {
  return workloadId(namespace, workload);
}

function workloadsOf({ pods }: PodClass): readonly string[] {
  return [...new Set(pods.map(idOf))];
}

function namespacesOf(workloads: readonly string[]): readonly string[] {
  return [...new Set(workloads.map((workload) => workload.slice(0, workload.indexOf('/'))))];
}

const RUN_ON_NODES = `# a Deployment, on EC2 nodes, in place of the bare or Fargate pod
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      nodeSelector: { eks.amazonaws.com/compute-type: ec2 }`;

/** Fargate's admission labels every pod that it takes. */
const FARGATE = 'eks.amazonaws.com/fargate-profile';

function isBeyondVpcCni({ workload, labels }: Pod): boolean {
  return workload.kind === 'Pod' || FARGATE in labels;
}

/** Pods whose owner cannot be read, as `namespace/name`. On Fargate it does not matter. */
function withUnreadOwner({ pods }: KubernetesEvidence): ReadonlySet<string> {
  const list = pods.state === 'collected' ? pods.value : [];
  const unread = list.filter(({ owner, labels }) => owner.state === 'malformed' && !(FARGATE in labels));
  return new Set(unread.map(podName));
}

function podName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

export default defineKubernetesControl({
  id: 'kubernetes-pods-isolated',
  title: 'Every running pod is selected by a policy in each direction',
  severity: 'MEDIUM',
  basis: 'Seed 002: define NetworkPolicies, and know their limits',
  reference: 'kubernetes 5.2 NET-4',
  remediation:
    'Select the workloads named by a NetworkPolicy with policyTypes [Ingress, Egress], best by a default deny of their namespace.',
  needs: POLICY_NEEDS,
  defaults: OWNER_DEFAULT,
  parameters: exemptNamespacesParameter,
  evaluate({ evidence, parameters }) {
    return judgeNetwork(evidence, ({ reach }, enforcement) => {
      const exempt = new Set(parameters.exemptNamespaces);
      const judged = reach.classes.filter(({ hostNetwork, namespace }) => !hostNetwork && !exempt.has(namespace.name));
      const notes = exemptProof([...exempt].sort());
      if (judged.length === 0) return notApplicable('no-pods', 'no pod on the pod network is to be judged', notes);
      const always = isolatesAlways(evidence);
      const open = (direction: 'ingress' | 'egress') =>
        judged
          .filter((pod) => !always && !reach.profile(pod, direction).isolated)
          .flatMap(workloadsOf)
          .sort();
      const ingress = [...new Set(open('ingress'))];
      const egress = [...new Set(open('egress'))];
      // The VPC CNI enforces policies neither on pods that nothing owns nor on Fargate.
      const byVpcCni = enforcement.state === 'enforced' && enforcement.plugin === VPC_CNI;
      const beyond = byVpcCni ? judged.flatMap(({ pods }) => pods.filter(isBeyondVpcCni)) : [];
      const unreadOwner = withUnreadOwner(evidence);
      const alone = [...new Set(beyond.filter((pod) => !unreadOwner.has(podName(pod))).map(idOf))].sort();
      const undecided = beyond.filter((pod) => unreadOwner.has(podName(pod))).map(podName);
      const all = [...new Set([...ingress, ...egress])].sort();
      const proof = [
        ...all.map((workload): Proof => {
          const missing = [
            ...(ingress.includes(workload) ? ['ingress'] : []),
            ...(egress.includes(workload) ? ['egress'] : []),
          ];
          return {
            kind: 'derived',
            line: `${workload}: no policy isolates ${missing.join(' and ')}`,
            field: 'workload',
            value: workload,
          };
        }),
        ...alone.map(
          (workload): Proof => ({
            kind: 'derived',
            line: `${workload}: selected but not enforced, nothing owns the pod or it runs on Fargate`,
            field: 'workload',
            value: workload,
          }),
        ),
        ...notes,
      ];
      if (all.length > 0) {
        return fail(
          'not-selected',
          `not isolated: ${ingress.length} workloads for ingress, ${egress.length} for egress: ${shortList(all)}`,
          proof,
          { fix: yamlFix(defaultDeny(namespacesOf(all), ['ingress', 'egress'])) },
        );
      }
      if (alone.length > 0) {
        return fail(
          'not-enforced',
          `the VPC CNI does not enforce policies on pods without an owner, nor on Fargate: ${shortList(alone)}`,
          proof,
          { fix: yamlFix(RUN_ON_NODES) },
        );
      }
      if (undecided.length > 0) {
        return unknown(
          'malformed-answer',
          `whether anything owns these pods cannot be read, and the VPC CNI enforces no policy on pods without an owner: ${shortList(undecided.sort())}`,
          proof,
        );
      }
      const count = judged.reduce((sum, { pods }) => sum + pods.length, 0);
      return pass(`all ${count} pods are isolated in both directions`, [
        {
          kind: 'derived',
          line: always
            ? 'Cilium isolates every pod (enable-policy: always)'
            : `${count} pods of ${judged.length} kinds are selected for ingress and egress`,
        },
        ...notes,
      ]);
    });
  },
});
