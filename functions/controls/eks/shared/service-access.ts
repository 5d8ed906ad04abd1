import type { DeclaredEgress } from '#domain/central-egress.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import type { Profile } from '#domain/settings.ts';
import {
  type Fix,
  fail,
  notApplicable,
  type Proof,
  pass,
  unknown,
  unknownBecause,
  type Verdict,
} from '#domain/verdict.ts';
import { combine, mergeFixes } from '../../shared/combine.ts';
import { centralDnsProof, centralNameOf } from './central-dns.ts';
import { pathProof, type SubnetEgress, subnetEgress, vpcOf } from './egress.ts';
import { createEndpoint } from './endpoint-fix.ts';
import { endpointUsability } from './endpoint-usability.ts';
import type { Usability } from './endpoint-use.ts';
import { goneSubnets, type NodeSubnets } from './node-subnets.ts';
import { type Access, servicePath } from './service-path.ts';
import { hostOf, REQUIRED_SERVICES, serviceOf } from './services.ts';

/** What endpoints are judged by beside the evidence. */
interface ServiceJudging {
  readonly profile: Profile;
  readonly declaredEgress: (networks: readonly string[]) => DeclaredEgress;
}

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
  all: NodeSubnets,
  judging: ServiceJudging,
): Verdict {
  if (all.subnets.length === 0)
    return all.incomplete === undefined
      ? unknown('absent-field', 'no node subnet is known')
      : unknownBecause(all.incomplete);
  const every = all.subnets.map((subnet) => subnetEgress(subnet, evidence.network));
  const unseen = all.incomplete ?? goneSubnets(all);
  // In profile private a subnet that reaches the internet needs no endpoint.
  const paths = judging.profile === 'private' ? every.filter(({ egress }) => egress.kind !== 'open') : every;
  if (paths.length === 0) {
    if (unseen !== undefined) return unknownBecause(unseen, every.map(pathProof));
    return notApplicable(
      'internet-allowed',
      'every node subnet reaches the internet, which profile private allows',
      every.map(pathProof),
    );
  }
  // Self-managed nodes can be in another VPC than the cluster: each VPC has endpoints of its own.
  const vpcIds = [...new Set(paths.map(({ subnet }) => subnet.vpcId))].sort();
  const verdicts = vpcIds.map((vpcId) => {
    const inVpc = paths.filter(({ subnet }) => subnet.vpcId === vpcId);
    const nodes = { ...all, subnets: inVpc.map(({ subnet }) => subnet), incomplete: unseen };
    return judgeVpc(vpcId, services, evidence, nodes, inVpc, judging);
  });
  const [only] = verdicts;
  const verdict =
    only !== undefined && verdicts.length === 1
      ? only
      : combine(verdicts, `${services.join(', ')} are reached by working endpoints in ${vpcIds.join(', ')}`);
  // A subnet whose path is not known may reach the internet, and then needs no endpoint.
  const undecided = paths.find(({ egress }) => egress.kind === 'undecided')?.egress;
  return judging.profile === 'private' && verdict.status === 'FAIL' && undecided?.kind === 'undecided'
    ? unknown(undecided.reason, undecided.message, verdict.proof)
    : verdict;
}

function judgeVpc(
  vpcId: string,
  services: readonly string[],
  evidence: EksEvidence,
  nodes: NodeSubnets,
  paths: readonly SubnetEgress[],
  { declaredEgress }: ServiceJudging,
): Verdict {
  const central = declaredEgress([vpcId]);
  const accesses = services.map((service) => accessTo(service, vpcId, evidence, nodes, paths, central));
  const vpc = vpcOf(evidence.network, vpcId);
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
    ...(accesses.every(({ endpoint }) => endpoint !== undefined) || 'state' in vpc ? [] : centralDnsProof(vpc)),
    ...paths.flatMap(({ subnet }) => accesses.map((access) => servicePath(access, subnet, evidence))),
  ];
  const failing = accesses.filter((access) => access.kind === 'broken' || access.kind === 'missing');
  if (failing.length > 0) {
    const [first] = failing;
    return fail(
      first?.kind === 'broken' ? first.reason : 'missing',
      failing.map(({ service, line }) => `${service}: ${line}`).join('; '),
      proof,
      { fix: fixOf(failing, { evidence, nodes, vpcId }) },
    );
  }
  const undecided = accesses.find((access) => access.kind === 'unknown');
  if (undecided?.kind === 'unknown') return unknown(undecided.reason, `${undecided.service}: ${undecided.line}`, proof);
  if (nodes.incomplete !== undefined) return unknownBecause(nodes.incomplete, proof);
  if (accesses.length > 0 && accesses.every(({ kind }) => kind === 'not-offered'))
    return notApplicable(
      'not-offered',
      `PrivateLink offers ${services.join(', ')} nowhere in ${evidence.region}`,
      proof,
    );
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
  central: DeclaredEgress,
): Access {
  const vpc = vpcOf(evidence.network, vpcId);
  if ('state' in vpc) return { service, kind: 'unknown', reason: vpc.reason, line: vpc.message };
  if (vpc.endpoints.state === 'unavailable')
    return { service, kind: 'unknown', reason: vpc.endpoints.reason, line: vpc.endpoints.message };
  const candidates = vpc.endpoints.value
    .filter(({ serviceName }) => serviceOf(serviceName, evidence.region) === service)
    .map((endpoint) => ({ endpoint, use: endpointUsability(endpoint, { evidence, vpc, nodes, service }) }));
  const of = (kind: Usability['kind']) => candidates.find(({ use }) => use.kind === kind);
  const { endpoint, use } = of('usable') ?? of('unknown') ?? of('defect') ?? {};
  if (endpoint !== undefined && use?.kind === 'usable') return { service, kind: 'ok', line: use.line, endpoint };
  if (endpoint !== undefined && use?.kind === 'unknown')
    return { service, kind: 'unknown', reason: use.reason, line: use.line, endpoint };
  if (endpoint !== undefined && use?.kind === 'defect')
    return { service, kind: 'broken', reason: use.reason, line: use.line, fix: use.fix, endpoint };
  return whenMissing(service, evidence, vpc, paths, central);
}

/** No endpoint in the VPC: it may be elsewhere, or the service may not be offered here at all. */
function whenMissing(
  service: string,
  evidence: EksEvidence,
  vpc: EksVpc,
  paths: readonly SubnetEgress[],
  central: DeclaredEgress,
): Access {
  const { offeredServices } = evidence.network;
  const everywhere: readonly string[] = REQUIRED_SERVICES;
  if (
    offeredServices.state === 'collected' &&
    offeredServices.value.length > 0 &&
    !offeredServices.value.some((name) => serviceOf(name, evidence.region) === service)
  ) {
    // The required ones are offered in every region: a list without them is not the whole list.
    return everywhere.includes(service)
      ? {
          service,
          kind: 'unknown',
          reason: 'conflicting-fields',
          line: `no endpoint in the VPC, and the services that PrivateLink is said to offer in ${evidence.region} lack it`,
        }
      : { service, kind: 'not-offered', line: `PrivateLink does not offer it in ${evidence.region}` };
  }
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
    central.value === 'none'
      ? undefined
      : `no endpoint in the VPC; traffic leaves by ${central.value}, as ${central.key} declares`;
  const outside = paths.find(
    ({ egress }) => egress.kind === 'elsewhere' || (egress.kind === 'closed' && egress.peering),
  );
  if (outside !== undefined) {
    return undecidedBy === undefined
      ? {
          service,
          kind: 'unknown',
          reason: 'undecidable',
          line: `no endpoint in the VPC; it may be reached by ${outside.hops.join(' → ')} (${central.key} declares where this leads)`,
        }
      : { service, kind: 'declared', line: undecidedBy };
  }
  const named = centralNameOf(vpc, host);
  if (named?.kind === 'unread')
    return {
      service,
      kind: 'unknown',
      reason: named.part.reason,
      line: `no endpoint in the VPC, and whether ${named.what} brings one is not known: ${named.part.message}`,
    };
  if (named !== undefined) {
    return undecidedBy === undefined
      ? {
          service,
          kind: 'unknown',
          reason: 'undecidable',
          line: `no endpoint in the VPC; ${named.line} (${central.key} declares it)`,
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

/** The remedies of all failing services, each said once. */
function fixOf(failing: readonly Access[], place: Parameters<typeof createEndpoint>[1]): Fix {
  return mergeFixes(
    failing.flatMap((access) =>
      access.kind === 'broken'
        ? [access.fix]
        : access.kind === 'missing'
          ? [createEndpoint(access.service, place)]
          : [],
    ),
  );
}
