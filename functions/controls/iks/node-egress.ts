import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { word } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { isVpc, withIks } from './cluster.ts';

export default defineControl({
  id: 'iks-node-egress',
  subject: 'iks',
  title: 'Workers have no way out to the internet',
  severity: 'HIGH',
  basis: 'seed 000: the cluster is used over the private network only',
  reference: 'IBM Cloud Kubernetes Service, network planning',
  remediation:
    'Detach the public gateway from the worker subnets (VPC), or use worker pools on private VLANs only (classic). For new VPC clusters keep outbound traffic protection on.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'containers:getWorkers', 'vpc:getSubnet'],
  evaluate: (evidence, { profile }) =>
    withIks(evidence, () => {
      if (evidence.workers.state === 'unavailable') return unknownBecause(evidence.workers);
      if (evidence.workers.value.length === 0) return notApplicable('no-workers', 'the cluster has no workers');
      return isVpc(evidence) ? onVpc(evidence, profile) : onClassic(evidence.workers.value);
    }),
});

type Workers = Extract<IksEvidence['workers'], { state: 'collected' }>['value'];

function onClassic(workers: Workers): Verdict {
  const none = (value: string) => value === '' || value === '-';
  const proof: Proof[] = [];
  for (const { id, publicAddress, publicVlan } of workers) {
    for (const [name, field] of [
      ['publicIP', publicAddress],
      ['publicVlan', publicVlan],
    ] as const) {
      if (field.state === 'malformed') return unknown('malformed-answer', `${name} of worker ${id} is ${field.raw}`);
      if (field.state === 'given' && !none(field.value))
        proof.push({
          kind: 'fact',
          line: `${id} → ${name} ${field.value} → internet`,
          field: name,
          value: field.value,
          hops: [id, `${name} ${field.value}`, 'internet'],
        });
    }
  }
  const [first] = proof;
  if (first !== undefined) return fail('public-vlan', first.line, proof);
  const silent = workers.find(
    ({ publicAddress, publicVlan }) => publicAddress.state === 'absent' && publicVlan.state === 'absent',
  );
  if (silent !== undefined) return unknown('absent-field', `worker ${silent.id} tells neither publicIP nor publicVlan`);
  return pass(
    `none of ${workers.length} workers has a public VLAN or address`,
    workers.map(({ id }) => ({ kind: 'fact', line: `${id}: no public VLAN, no public address` })),
  );
}

/** Workers on VPC have no address of their own; their way out is the subnet's public gateway. */
function onVpc({ subnets }: IksEvidence, profile: string): Verdict {
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
        : { kind: 'fact', line: `${id}: no public gateway`, source: subnets.source },
  );
  const open = subnets.value.filter(({ gateway }) => gateway.attached === 'yes');
  if (open.length > 0 && profile === 'private')
    return pass('workers leave through a public gateway, which profile private allows', proof);
  if (open.length > 0) {
    return fail('public-gateway', `worker subnet ${open.map(({ id }) => id).join(', ')} has a public gateway`, proof, {
      fix: { commands: open.map(({ id }) => `ibmcloud is subnet-public-gateway-detach ${word(id)}`), fragments: [] },
    });
  }
  if (subnets.value.length === 0) return unknown('absent-field', 'the workers name no subnets', proof);
  return pass(`none of ${subnets.value.length} worker subnets has a public gateway`, proof);
}
