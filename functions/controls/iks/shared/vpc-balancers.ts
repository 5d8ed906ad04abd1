import type { IksEvidence, IksVpcLoadBalancer } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

/**
 * On VPC every Service of type LoadBalancer, and the router of OpenShift, stands behind a load balancer of the VPC. A public one is an entrance
 * whether or not the subnets have a public gateway. Source: IBM Cloud Kubernetes Service, VPC load balancers.
 */
export function judgeVpcBalancers(evidence: IksEvidence): Verdict {
  const { vpcLoadBalancers: balancers } = evidence;
  if (balancers.state === 'unavailable') return unknownBecause(balancers);
  const { source } = balancers;
  const proof = balancers.value.map(
    (balancer): Proof => ({
      kind: 'fact',
      line: `${describe(balancer)}: ${kindOf(balancer)}, ${belonging(balancer)}`,
      field: `load balancer ${balancer.id}`,
      value: kindOf(balancer),
      source,
    }),
  );
  const own = balancers.value.filter(({ belongs }) => belongs.by !== 'unread');
  const open = own.filter(({ isPublic }) => isPublic.state === 'given' && isPublic.value);
  if (open.length > 0)
    return fail(
      'public-load-balancer',
      `public load balancer ${open.map(describe).join(', ')} belongs to the cluster`,
      proof,
      {
        fix: fixOf(evidence, open),
      },
    );
  for (const balancer of own) {
    const { isPublic } = balancer;
    if (isPublic.state !== 'given')
      return unknown(
        isPublic.state === 'absent' ? 'absent-field' : 'malformed-answer',
        `load balancer ${describe(balancer)} does not report whether it is public`,
        proof,
      );
  }
  const doubtful = balancers.value.find(({ belongs }) => belongs.by === 'unread');
  if (doubtful?.belongs.by === 'unread')
    return unknown(
      doubtful.belongs.reason,
      `whether load balancer ${describe(doubtful)} is the cluster’s was not read: ${doubtful.belongs.message}`,
      proof,
    );
  return pass(`none of ${own.length} VPC load balancers of the cluster is public`, [
    ...proof,
    { kind: 'fact', line: `load balancers of the region were listed, ${own.length} of them the cluster’s`, source },
  ]);
}

function describe({ name, hostname, addresses }: IksVpcLoadBalancer): string {
  const shown = hostname.told === 'yes' ? hostname.value : addresses.join(', ');
  return shown === '' ? name : `${name} (${shown})`;
}

function kindOf({ isPublic }: IksVpcLoadBalancer): string {
  if (isPublic.state !== 'given') return `is_public ${isPublic.state}`;
  return isPublic.value ? 'public' : 'private';
}

function belonging({ belongs }: IksVpcLoadBalancer): string {
  switch (belongs.by) {
    case 'name':
      return 'the cluster’s by its name';
    case 'security-group':
      return `the cluster’s by its security group ${belongs.group}`;
    case 'member':
      return `worker ${belongs.member} is behind it`;
    case 'unread':
      return `whose it is was not read: ${belongs.message}`;
  }
}

function fixOf({ id }: IksEvidence, open: readonly IksVpcLoadBalancer[]): Fix {
  return {
    checkFirst: [
      `Who calls ${open.map(describe).join(', ')}: a private Service gets a balancer with another name and private addresses, and callers have to reach it through the VPC.`,
      'Keep the public Service until they do, and take it away last.',
    ],
    commands: [
      ...open.map(({ id: balancer }) => `ibmcloud is load-balancer ${shellQuote(balancer)}`),
      `ibmcloud ks ingress alb ls --cluster ${shellQuote(id)}`,
    ],
    fragments: [
      {
        language: 'yaml',
        code: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: <name>-private\n  annotations:\n    service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: private\nspec:\n  type: LoadBalancer',
      },
    ],
  };
}
