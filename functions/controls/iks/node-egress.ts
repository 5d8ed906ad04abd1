import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { infrastructureOf } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, replaceWorkers } from './shared/fix.ts';

export default defineIksControl({
  id: 'iks-node-egress',
  title: 'Workers have no way out to the internet',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 000: the cluster is used over the private network only',
  reference: 'IBM Cloud Kubernetes Service, network planning',
  remediation:
    'Detach the public gateway from the worker subnets (VPC), or use worker pools on private VLANs only (classic). For new VPC clusters keep outbound traffic protection on.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'containers:getWorkers', 'vpc:getSubnet'],
  defaults: iksDefaults('cluster.provider'),
  evaluate({ evidence, profile }) {
    const { workers } = evidence;
    if (workers.state === 'unavailable') return unknownBecause(workers);
    if (workers.value.length === 0) return notApplicable('no-workers', 'the cluster has no workers');
    const infrastructure = infrastructureOf(evidence);
    if (infrastructure === 'classic') return onClassic(evidence, workers.value);
    if (infrastructure === 'vpc') return onVpc(evidence, workers.value, profile);
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
    if (field.state === 'absent') return unknown('absent-field', `worker ${id} does not tell its ${name}`);
  }
  return pass(
    `none of ${workers.length} workers has a public VLAN or address`,
    workers.map(({ id }) => ({ kind: 'fact', line: `${id}: no public VLAN, no public address` })),
  );
}

/** Workers on VPC have no address of their own; their way out is the subnet's public gateway. */
function onVpc({ subnets }: IksEvidence, workers: Workers, profile: string): Verdict {
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  const proof = subnets.value.map(
    ({ id, gateway }): Proof =>
      gateway.attached === 'yes'
        ? {
            kind: 'path',
            line: `${id} → ${gateway.id} → internet`,
            hops: [id, gateway.id, 'internet'],
            source: subnets.source,
          }
        : {
            kind: 'fact',
            line: `${id}: ${gateway.attached === 'no' ? 'no public gateway' : `vpc:getSubnet: ${gateway.message}`}`,
            source: subnets.source,
          },
  );
  const open = subnets.value.filter(({ gateway }) => gateway.attached === 'yes');
  if (open.length > 0 && profile === 'closed') {
    return fail(
      'public-gateway',
      `worker subnet ${open.map(({ id }) => id).join(', ')} has a public gateway`,
      proof,
      fixWith(...open.map(({ id }) => `ibmcloud is subnet-public-gateway-detach ${shellQuote(id)}`)),
    );
  }
  for (const { id, gateway } of subnets.value)
    if (gateway.attached === 'unread') return unknown(gateway.reason, `subnet ${id}: ${gateway.message}`, proof);
  const listed = new Set(subnets.value.map(({ id }) => id));
  const unlisted = workers.flatMap(({ subnetIds }) => subnetIds).find((id) => !listed.has(id));
  if (unlisted !== undefined)
    return unknown('not-found', `subnet ${unlisted}, which a worker names, was not in the answer`, proof);
  const silent = workers.find(({ subnetIds }) => subnetIds.length === 0);
  if (silent !== undefined) return unknown('absent-field', `worker ${silent.id} names no subnet`, proof);
  if (open.length > 0) return pass('workers leave through a public gateway, which profile private allows', proof);
  return pass(`none of ${subnets.value.length} worker subnets has a public gateway`, proof);
}
