import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { infrastructureOf } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith } from './shared/fix.ts';
import { judgeVpcBalancers } from './shared/vpc-balancers.ts';

export default defineIksControl({
  id: 'iks-ingress-private',
  title: 'No load balancer of the cluster is public',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 000: the cluster is used over the private network only',
  reference: 'IBM Cloud Kubernetes Service, application load balancers',
  remediation:
    'Disable public application load balancers. Make Services of type LoadBalancer private (annotation service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: private on a new Service, because an existing balancer keeps its type), and the router of OpenShift internal (endpointPublishingStrategy with scope: Internal). On classic infrastructure such Services are seen only from inside the cluster.',
  needs: [
    'iam:token',
    'containers:getClusters',
    'containers:getCluster',
    'containers:getWorkers',
    'containers:getAlbs',
    'vpc:getSubnet',
    'vpc:listLoadBalancers',
    'vpc:listPoolMembers',
  ],
  defaults: iksDefaults('cluster.provider'),
  evaluate({ evidence }) {
    const albs = judgeAlbs(evidence);
    const infrastructure = infrastructureOf(evidence);
    if (infrastructure === 'classic') return albs;
    if (infrastructure !== 'vpc' && albs.status !== 'FAIL')
      return unknown(
        'conflicting-fields',
        'whether the cluster stands on classic infrastructure or on VPC is not clear',
        albs.proof,
      );
    return combine(
      [albs, judgeVpcBalancers(evidence)],
      'no application load balancer that is enabled is public, and no VPC load balancer of the cluster is',
    );
  },
});

function judgeAlbs(evidence: IksEvidence): Verdict {
  const { loadBalancers } = evidence;
  if (loadBalancers.state === 'unavailable') return unknownBecause(loadBalancers);
  const proof = loadBalancers.value.map(
    ({ id, type, enabled }): Proof => ({
      kind: 'fact',
      line: `${id}: ${describe(type)}, enabled ${describe(enabled)}`,
      source: loadBalancers.source,
    }),
  );
  const open = loadBalancers.value.filter(
    ({ type, enabled }) =>
      type.state === 'given' && type.value === 'public' && enabled.state === 'given' && enabled.value,
  );
  if (open.length > 0) {
    return fail(
      'public-alb',
      `public load balancer ${open.map(({ id }) => id).join(', ')} is enabled`,
      proof,
      fixWith(
        ...open.map(
          ({ id }) => `ibmcloud ks ingress alb disable --alb ${shellQuote(id)} --cluster ${shellQuote(evidence.id)}`,
        ),
      ),
    );
  }
  for (const { id, type, enabled } of loadBalancers.value) {
    if (type.state !== 'given')
      return unknown(
        type.state === 'absent' ? 'absent-field' : 'malformed-answer',
        `${id} does not report its type`,
        proof,
      );
    if (type.value !== 'public' && type.value !== 'private')
      return unknown('unrecognised-value', `${id} is of type ${type.value}`, proof);
    if (enabled.state !== 'given' && type.value === 'public')
      return unknown(
        enabled.state === 'absent' ? 'absent-field' : 'malformed-answer',
        `${id} does not report whether it is enabled`,
        proof,
      );
  }
  return pass('no public application load balancer is enabled', [
    ...proof,
    {
      kind: 'fact',
      line: `${loadBalancers.value.length} load balancers were listed`,
      source: loadBalancers.source,
    },
  ]);
}

function describe(field: { readonly state: string; readonly value?: unknown }): string {
  return field.state === 'given' ? String(field.value) : field.state;
}
