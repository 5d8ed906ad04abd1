import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import { shellQuote } from '#domain/shell.ts';
import {
  type Fix,
  fail,
  type Proof,
  type ProofValue,
  pass,
  unknown,
  unknownBecause,
  type Verdict,
} from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { madeFor, ownershipOf } from './shared/balancer-owner.ts';
import { reachOf } from './shared/balancer-reach.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { NODE_NEEDS } from './shared/needs.ts';
import { type NodeSubnets, nodeSubnets } from './shared/node-subnets.ts';

export default defineEksControl({
  id: 'eks-load-balancer-internal',
  title: 'No load balancer of the cluster faces the internet',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 001: the cluster is reachable from connected networks only',
  reference:
    'AWS Load Balancer Controller, annotations and resource tags; EKS user guide, network load balancing, application load balancing, Auto Mode; VPC user guide, Block Public Access',
  remediation:
    'Check who uses the load balancer. Then set the scheme of its Service, Ingress or Gateway to internal: the controller makes a new load balancer with another name and removes this one. A load balancer that nobody made for the cluster loses its targets in the cluster.',
  needs: [
    ...NODE_NEEDS,
    'ec2:DescribeVpcs',
    'ec2:DescribeVpcBlockPublicAccessExclusions',
    'elasticloadbalancing:DescribeLoadBalancers',
    'elasticloadbalancing:DescribeTags',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
  ],
  defaults: eksDefaults('network.subnets.blockMode'),
  evaluate(subject) {
    const { evidence } = subject;
    const { loadBalancers } = evidence.network;
    if (loadBalancers.state === 'unavailable') return unknownBecause(loadBalancers);
    const { read, facing } = loadBalancers.value;
    const counted: Proof = {
      kind: 'fact',
      line: `${read} load balancers of the region were read, ${facing.length} of them not internal`,
      field: 'loadBalancers',
      value: read,
      source: loadBalancers.source,
    };
    const nodes = nodeSubnets(evidence, subject);
    return combine(
      [pass('', [counted]), ...facing.map((balancer) => judge(balancer, evidence, nodes))],
      'no load balancer of the cluster faces the internet',
    );
  },
});

function judge(balancer: EksLoadBalancer, evidence: EksEvidence, nodes: NodeSubnets): Verdict {
  const { name, type, scheme } = balancer;
  const owner = ownershipOf(balancer, evidence, nodes);
  const shown = `${name} (${type})`;
  if (owner.kind === 'foreign') {
    return pass('', [fact(balancer, `${shown} faces the internet and does not serve the cluster`, false)]);
  }
  if (owner.kind === 'unknown') return unknown(owner.reason, owner.message, [fact(balancer, owner.message, null)]);
  if (scheme.state !== 'given' || scheme.value !== 'internet-facing') {
    const value = scheme.state === 'given' ? scheme.value : scheme.state === 'malformed' ? scheme.raw : 'not sent';
    return unknown(
      scheme.state === 'given' ? 'unrecognised-value' : scheme.state === 'absent' ? 'absent-field' : 'malformed-answer',
      `${shown} serves the cluster, and its scheme is ${value}`,
      [fact(balancer, `${shown}: scheme = ${value}`, value)],
    );
  }
  const reach = reachOf(balancer, evidence.network);
  const stack = madeFor(balancer);
  const what = `${shown}${stack === undefined ? '' : `, made for ${stack},`} faces the internet: ${owner.by}`;
  const proof = [fact(balancer, what, 'internet-facing')];
  if (reach.kind === 'undecided') return unknown(reach.reason, `${what}; ${reach.message}`, proof);
  if (reach.kind === 'blocked')
    return pass('', [fact(balancer, `${shown} faces the internet, and Block Public Access covers its subnets`, false)]);
  return fail('internet-facing', what, proof, { fix: fixOf(balancer, evidence) });
}

function fact({ name, targets }: EksLoadBalancer, line: string, value: ProofValue): Proof {
  return {
    kind: 'derived',
    line,
    field: `loadBalancers.${name}`,
    value,
    ...(targets.state === 'collected' ? { source: targets.source } : {}),
  };
}

/** What to look at first, and the setting. Nothing is printed that would cut off whoever calls the balancer today. */
function fixOf({ name, type }: EksLoadBalancer, { region }: EksEvidence): Fix {
  const at = `--region ${shellQuote(region)}`;
  return {
    checkFirst: [
      `Who calls ${name} today? A load balancer controller answers another scheme with a new load balancer under another name.`,
    ],
    commands: [
      type === 'classic'
        ? `aws elb describe-load-balancers ${at} --load-balancer-names ${shellQuote(name)}`
        : `aws elbv2 describe-load-balancers ${at} --names ${shellQuote(name)}`,
      'kubectl get services,ingresses --all-namespaces --output wide',
    ],
    fragments: [
      {
        language: 'yaml',
        code:
          type === 'application'
            ? '# Ingress\nmetadata:\n  annotations:\n    alb.ingress.kubernetes.io/scheme: internal'
            : '# Service\nmetadata:\n  annotations:\n    service.beta.kubernetes.io/aws-load-balancer-scheme: internal\n    # where no load balancer controller is installed\n    service.beta.kubernetes.io/aws-load-balancer-internal: "true"',
      },
    ],
  };
}
