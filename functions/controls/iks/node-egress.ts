import { CENTRAL_EGRESS } from '#domain/central-egress.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { infrastructureOf } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, replaceWorkers } from './shared/fix.ts';
import { judgeVpcEgress } from './shared/vpc-egress.ts';

export default defineIksControl({
  id: 'iks-node-egress',
  title: 'Workers have no path out to the internet',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 000: the cluster is used over the private network only',
  reference: 'IBM Cloud Kubernetes Service, network planning',
  remediation:
    'On VPC turn on outbound traffic protection (clusters created at 1.30 or 4.15 or later have it on; updated ones stay open until it is enabled) or remove the path out of the worker subnets; on classic infrastructure use worker pools on private VLANs only.',
  needs: [
    'iam:token',
    'containers:getClusters',
    'containers:getCluster',
    'containers:getWorkers',
    'containers:getSecurityGroups',
    'vpc:getSubnet',
    'vpc:listRoutes',
    'vpc:listFloatingIps',
    'vpc:listSecurityGroups',
  ],
  parameters: {
    centralEgress: {
      describe:
        'where a route of the worker subnets to an appliance or a VPN connection leads, for this control alone: overrides `ibm.centralEgress`; accepted without a check, and marked as declared',
      default: 'none',
      oneOf: CENTRAL_EGRESS,
    },
  },
  defaults: iksDefaults('cluster.provider'),
  evaluate(subject) {
    const { evidence } = subject;
    const { workers } = evidence;
    if (workers.state === 'unavailable') return unknownBecause(workers);
    if (workers.value.length === 0) return notApplicable('no-workers', 'the cluster has no workers');
    const infrastructure = infrastructureOf(evidence);
    if (infrastructure === 'classic') return onClassic(evidence, workers.value);
    if (infrastructure === 'vpc') return judgeVpcEgress(subject, workers.value);
    return infrastructure === 'conflict'
      ? unknown('conflicting-fields', `the cluster is in the list of ${evidence.list}, and its record says otherwise`)
      : unknown('unrecognised-value', 'the provider of the cluster is not known');
  },
});

type Workers = Extract<IksEvidence['workers'], { state: 'collected' }>['value'];

/** Empty and `-` mean none. A worker that is seen to have a way out decides, however little the others tell. */
function onClassic(evidence: IksEvidence, workers: Workers): Verdict {
  const facts = workers.flatMap(({ id, publicAddress, publicVlan }) => [
    { id, name: 'publicIP', field: publicAddress },
    { id, name: 'publicVlan', field: publicVlan },
  ]);
  const open = facts.flatMap(({ id, name, field }): readonly Proof[] =>
    field.state === 'given' && !['', '-'].includes(field.value.trim())
      ? [
          {
            kind: 'fact',
            line: `${id} → ${name} ${field.value} → internet`,
            field: name,
            value: field.value,
            hops: [id, `${name} ${field.value}`, 'internet'],
          },
        ]
      : [],
  );
  const [first] = open;
  if (first !== undefined) {
    return fail(
      'public-vlan',
      first.line,
      open,
      fixWith(
        `ibmcloud ks worker-pool ls --cluster ${shellQuote(evidence.id)}`,
        `ibmcloud ks zone network-set --cluster ${shellQuote(evidence.id)} --worker-pool <pool> --zone <zone> --private-vlan <vlan> --private-only`,
        ...replaceWorkers(evidence),
      ),
    );
  }
  for (const { id, name, field } of facts) {
    if (field.state === 'malformed') return unknown('malformed-answer', `${name} of worker ${id} is ${field.raw}`);
    if (field.state === 'absent') return unknown('absent-field', `worker ${id} does not report its ${name}`);
  }
  return pass(
    `none of ${workers.length} workers has a public VLAN or address`,
    workers.map(({ id }) => ({ kind: 'fact', line: `${id}: no public VLAN, no public address` })),
  );
}
