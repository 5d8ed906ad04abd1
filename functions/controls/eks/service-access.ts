import type { JudgeContext } from '#domain/control.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { word } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { effectiveTable, type SubnetEgress, subnetEgress, vpcOf } from './egress.ts';
import { endpointUsability, type Usability } from './endpoint-usability.ts';
import { pathProof } from './node-egress.ts';
import type { NodeSubnets } from './node-subnets.ts';
import { hostOf, REQUIRED_SERVICES, serviceOf } from './services.ts';

/** How the nodes reach one AWS service. */
export type Access =
  | { readonly service: string; readonly kind: 'ok' | 'not-offered'; readonly line: string }
  | { readonly service: string; readonly kind: 'declared'; readonly line: string }
  | { readonly service: string; readonly kind: 'broken'; readonly reason: string; readonly line: string }
  | { readonly service: string; readonly kind: 'missing'; readonly line: string }
  | { readonly service: string; readonly kind: 'unknown'; readonly reason: UnknownReason; readonly line: string };

/** Failing services first: the first line is the one that alerts show. */
const RANK: Readonly<Record<Access['kind'], number>> = {
  broken: 0,
  missing: 1,
  unknown: 2,
  declared: 3,
  ok: 4,
  'not-offered': 5,
};

/** Judges a list of services together: the message names each failing one with its defect, the proof names all of them. */
export function judgeServices(
  services: readonly string[],
  evidence: EksEvidence,
  nodes: NodeSubnets,
  { profile, parameter }: JudgeContext,
): Verdict {
  const vpcId = nodes.subnets[0]?.vpcId;
  if (vpcId === undefined)
    return nodes.incomplete === undefined
      ? unknown('absent-field', 'no node subnet is known')
      : unknownBecause(nodes.incomplete);
  const paths = nodes.subnets.map((subnet) => subnetEgress(subnet, evidence.network));
  if (profile === 'private' && paths.every(({ egress }) => egress.kind === 'open')) {
    if (nodes.incomplete !== undefined) return unknownBecause(nodes.incomplete, paths.map(pathProof));
    return notApplicable(
      'internet-allowed',
      'every node subnet reaches the internet, which profile private allows',
      paths.map(pathProof),
    );
  }
  const central = parameter('centralEgress', 'none');
  const accesses = services.map((service) => accessTo(service, vpcId, evidence, nodes, paths, central));
  const proof: readonly Proof[] = [
    ...[...accesses]
      .sort((a, b) => RANK[a.kind] - RANK[b.kind])
      .map(
        (access): Proof => ({
          kind: access.kind === 'declared' ? 'declared' : 'derived',
          line: `${access.service}: ${access.line}`,
          field: access.service,
          value: access.kind,
        }),
      ),
    ...paths.map(pathProof),
  ];
  const failing = accesses.filter((access) => access.kind === 'broken' || access.kind === 'missing');
  if (failing.length > 0) {
    const [first] = failing;
    return fail(
      first?.kind === 'broken' ? first.reason : 'missing',
      failing.map(({ service, line }) => `${service}: ${line}`).join('; '),
      proof,
      { fix: fixOf(failing, vpcId, evidence, nodes) },
    );
  }
  const undecided = accesses.find((access) => access.kind === 'unknown');
  if (undecided?.kind === 'unknown') return unknown(undecided.reason, `${undecided.service}: ${undecided.line}`, proof);
  if (nodes.incomplete !== undefined) return unknownBecause(nodes.incomplete, proof);
  const declared = accesses.some(({ kind }) => kind === 'declared');
  return pass(
    `${services.join(', ')} are reached by working endpoints${declared ? ' or as declared' : ''}`,
    proof,
    declared ? 'declared' : 'holds',
  );
}

function accessTo(
  service: string,
  vpcId: string,
  evidence: EksEvidence,
  nodes: NodeSubnets,
  paths: readonly SubnetEgress[],
  central: string,
): Access {
  const vpc = vpcOf(evidence.network, vpcId);
  if ('state' in vpc) return { service, kind: 'unknown', reason: vpc.reason, line: vpc.message };
  if (vpc.endpoints.state === 'unavailable')
    return { service, kind: 'unknown', reason: vpc.endpoints.reason, line: vpc.endpoints.message };
  const candidates = vpc.endpoints.value
    .filter(({ serviceName }) => serviceOf(serviceName, evidence.region) === service)
    .map((endpoint) => endpointUsability(endpoint, { evidence, vpc, nodes, service }))
    .filter((use): use is Exclude<Usability, { kind: 'absent' }> => use.kind !== 'absent');
  const best =
    candidates.find(({ kind }) => kind === 'usable') ??
    candidates.find(({ kind }) => kind === 'unknown') ??
    candidates[0];
  if (best?.kind === 'usable') return { service, kind: 'ok', line: best.line };
  if (best?.kind === 'unknown') return { service, kind: 'unknown', reason: best.reason, line: best.line };
  if (best?.kind === 'defect') return { service, kind: 'broken', reason: best.reason, line: best.line };
  return whenMissing(service, evidence, vpc.hostedZones, paths, central);
}

type Zones = Extract<ReturnType<typeof vpcOf>, { hostedZones: unknown }>['hostedZones'];

/** No endpoint in the VPC: it may be elsewhere, or the service may not be offered here at all. */
function whenMissing(
  service: string,
  evidence: EksEvidence,
  zones: Zones,
  paths: readonly SubnetEgress[],
  central: string,
): Access {
  const { offeredServices } = evidence.network;
  if (
    offeredServices.state === 'collected' &&
    offeredServices.value.length > 0 &&
    !offeredServices.value.some((name) => serviceOf(name, evidence.region) === service)
  ) {
    return { service, kind: 'not-offered', line: `PrivateLink does not offer it in ${evidence.region}` };
  }
  // The required ones are offered in every region; of the others that is known only from the list.
  const everywhere: readonly string[] = REQUIRED_SERVICES;
  if (offeredServices.state === 'unavailable' && !everywhere.includes(service)) {
    return {
      service,
      kind: 'unknown',
      reason: offeredServices.reason,
      line: `no endpoint in the VPC, and whether PrivateLink offers it here is not known: ${offeredServices.message}`,
    };
  }
  const host = hostOf(service, evidence.region, evidence.partition);
  const undecidedBy =
    central === 'none' ? undefined : `no endpoint in the VPC; traffic leaves by ${central}, as declared`;
  const outside = paths.find(
    ({ egress }) => egress.kind === 'elsewhere' || (egress.kind === 'closed' && egress.peering),
  );
  if (outside !== undefined) {
    return undecidedBy === undefined
      ? {
          service,
          kind: 'unknown',
          reason: 'undecidable',
          line: `no endpoint in the VPC; it may be reached by ${outside.hops.join(' → ')}`,
        }
      : { service, kind: 'declared', line: undecidedBy };
  }
  if (zones.state === 'unavailable')
    return {
      service,
      kind: 'unknown',
      reason: zones.reason,
      line: `no endpoint in the VPC, and whether a private zone brings one is not known: ${zones.message}`,
    };
  if (zones.value.includes(host)) {
    return undecidedBy === undefined
      ? {
          service,
          kind: 'unknown',
          reason: 'undecidable',
          line: `no endpoint in the VPC; the private zone ${host} points elsewhere`,
        }
      : { service, kind: 'declared', line: undecidedBy };
  }
  const undecided = paths.find(({ egress }) => egress.kind === 'undecided');
  if (
    undecided?.egress.kind === 'undecided' &&
    !paths.some(({ egress }) => egress.kind === 'closed' || egress.kind === 'open')
  ) {
    return {
      service,
      kind: 'unknown',
      reason: undecided.egress.reason,
      line: `no endpoint in the VPC; ${undecided.egress.message}`,
    };
  }
  return { service, kind: 'missing', line: 'no endpoint' };
}

function fixOf(failing: readonly Access[], vpcId: string, { region, network }: EksEvidence, nodes: NodeSubnets) {
  // The prefix differs by partition and service: the region's own list of services has the right one.
  const offered = network.offeredServices.state === 'collected' ? network.offeredServices.value : [];
  const nameOf = (service: string) =>
    offered.find((name) => serviceOf(name, region) === service && name.endsWith(`.${service}`)) ??
    `com.amazonaws.${region}.${service}`;
  const subnets = nodes.subnets.map(({ id }) => id);
  const tables = [...new Set(nodes.subnets.flatMap((subnet) => tableOf(subnet, network)))];
  const commands = failing
    .filter(({ kind }) => kind === 'missing')
    .map(({ service }) =>
      service === 's3'
        ? `aws ec2 create-vpc-endpoint --region ${word(region)} --vpc-id ${word(vpcId)} --vpc-endpoint-type Gateway --service-name ${word(nameOf(service))} --route-table-ids ${tables.map(word).join(' ')}`
        : `aws ec2 create-vpc-endpoint --region ${word(region)} --vpc-id ${word(vpcId)} --vpc-endpoint-type Interface --service-name ${word(nameOf(service))} --subnet-ids ${subnets.map(word).join(' ')} --private-dns-enabled --security-group-ids <a group that admits 443 from the nodes>`,
    );
  const fragments = failing
    .filter(({ kind }) => kind === 'missing')
    .map(({ service }) => ({
      language: 'cloudformation' as const,
      code: `Type: AWS::EC2::VPCEndpoint\nProperties:\n  VpcId: ${vpcId}\n  ServiceName: ${nameOf(service)}\n  VpcEndpointType: ${service === 's3' ? 'Gateway' : 'Interface'}${service === 's3' ? '' : `\n  PrivateDnsEnabled: true\n  SubnetIds: [${subnets.join(', ')}]`}`,
    }));
  return { commands, fragments };
}

function tableOf(subnet: EksSubnet, network: EksEvidence['network']): readonly string[] {
  const table = effectiveTable(subnet, network);
  return 'state' in table ? [] : [table.id];
}
