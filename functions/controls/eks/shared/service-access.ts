import type { DeclaredEgress } from '#domain/central-egress.ts';
import type { Unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint } from '#domain/evidence/eks-network.ts';
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
import { centralDnsProof } from './central-dns.ts';
import { pathProof, subnetEgress } from './egress.ts';
import { createEndpoint } from './endpoint-fix.ts';
import { type NodeSubnets, unseenNodes } from './node-subnets.ts';
import { type SubnetEgress, vpcOf } from './paths.ts';
import { podSubnets } from './pod-subnets.ts';
import { usesInternetGateway } from './public-use.ts';
import { type Access, servicePath } from './service-path.ts';
import { accessTo } from './service-reach.ts';

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
  nodes: NodeSubnets,
  judging: ServiceJudging,
): Verdict {
  const verdict = judgeNodes(services, evidence, nodes, judging);
  const { autoMode, beside } = nodes;
  if (verdict.status !== 'UNKNOWN' || autoMode?.reason !== 'undecidable') return verdict;
  // Nodes in any subnet of the VPC: where all of them come out right, it does not matter which the node classes select.
  const own = nodes.sets.find(({ name }) => name === 'cluster')?.groupIds;
  const anywhere = { name: 'cluster', subnetIds: beside.map(({ id }) => id), groupIds: own };
  const all = {
    ...nodes,
    autoMode: undefined,
    subnets: [...nodes.subnets, ...beside],
    sets: [...nodes.sets, anywhere],
  };
  const everywhere = judgeNodes(services, evidence, all, judging);
  return everywhere.status === 'PASS' ? everywhere : verdict;
}

function judgeNodes(
  services: readonly string[],
  evidence: EksEvidence,
  nodes: NodeSubnets,
  judging: ServiceJudging,
): Verdict {
  if (nodes.subnets.length === 0)
    return nodes.incomplete === undefined
      ? unknown('absent-field', 'no node subnet is known')
      : unknownBecause(nodes.incomplete);
  const pods = podSubnets(evidence, nodes);
  const all = { ...nodes, pods };
  const every = all.subnets.map((subnet) => usablePath(subnetEgress(subnet, evidence.network), evidence, all));
  const unseen = unseenNodes(all) ?? (pods.unclear?.among === undefined ? pods.unclear?.part : undefined);
  // In profile private a subnet that reaches the internet needs no endpoint, and is broken by one that is shut.
  const reaching = judging.profile === 'private' ? every.filter(({ egress }) => egress.kind === 'open') : [];
  const paths = every.filter((path) => !reaching.includes(path));
  const verdicts = [
    ...byVpc(paths).map(([vpcId, inVpc]) => {
      const verdict = judgeVpc(vpcId, services, evidence, nodesIn(inVpc, all, unseen), inVpc, judging);
      // A subnet whose path is not known may reach the internet, and then needs no endpoint.
      const undecided = inVpc.find(({ egress }) => egress.kind === 'undecided')?.egress;
      return judging.profile === 'private' && verdict.status === 'FAIL' && undecided?.kind === 'undecided'
        ? unknown(undecided.reason, undecided.message, verdict.proof)
        : verdict;
    }),
    ...byVpc(reaching).flatMap(([vpcId, inVpc]) =>
      takenOver(vpcId, services, evidence, nodesIn(inVpc, all, unseen), inVpc),
    ),
  ];
  const [only] = verdicts;
  if (only === undefined) {
    if (unseen !== undefined) return unknownBecause(unseen, every.map(pathProof));
    return notApplicable(
      'internet-allowed',
      'every node subnet reaches the internet, which profile private allows',
      every.map(pathProof),
    );
  }
  const vpcIds = byVpc(every).map(([vpcId]) => vpcId);
  return verdicts.length === 1
    ? only
    : combine(verdicts, `${services.join(', ')} are reached by working endpoints in ${vpcIds.join(', ')}`);
}

/** Self-managed nodes can be in another VPC than the cluster: each VPC has endpoints of its own. */
function byVpc(paths: readonly SubnetEgress[]): readonly (readonly [string, readonly SubnetEgress[]])[] {
  return [...Map.groupBy(paths, ({ subnet }) => subnet.vpcId)].sort(([a], [b]) => a.localeCompare(b));
}

function nodesIn(paths: readonly SubnetEgress[], all: NodeSubnets, unseen: Unavailable | undefined): NodeSubnets {
  const { incomplete: _, ...rest } = all;
  return { ...rest, subnets: paths.map(({ subnet }) => subnet), incomplete: unseen };
}

/** A way out that nothing uses leads no node to a service; where that is not known, neither is the path. */
function usablePath(path: SubnetEgress, evidence: EksEvidence, nodes: NodeSubnets): SubnetEgress {
  const { egress, subnet } = path;
  if (egress.kind !== 'open') return path;
  const used =
    egress.idle !== undefined
      ? false
      : egress.via === 'internet-gateway'
        ? usesInternetGateway(subnet, evidence, nodes)
        : true;
  if (used === true) return path;
  const { hops } = path;
  if (used === false)
    return { subnet, egress: { kind: 'closed', peering: false }, hops: [...hops, 'without a public address'] };
  const message = `whether ${subnet.id} uses ${hops.join(' → ')} is not known: ${used.message}`;
  return { subnet, egress: { kind: 'undecided', reason: used.reason, message }, hops };
}

/** Defects of an endpoint that does not take the service's name over: without it, the public one answers. */
const BESIDE_THE_NAME = ['private-dns-off', 'private-dns-inbound-only', 'wrong-state', 'route-table-not-associated'];

/** An endpoint with private DNS takes the name over for the whole VPC, and a gateway endpoint the addresses: shut, it breaks nodes that reach the internet. */
function takenOver(
  vpcId: string,
  services: readonly string[],
  evidence: EksEvidence,
  nodes: NodeSubnets,
  paths: readonly SubnetEgress[],
): readonly Verdict[] {
  const none = { value: 'none', key: '' } as const;
  const accesses = services.map((service) => accessTo(service, vpcId, evidence, nodes, paths, none));
  const over = accesses.filter(({ endpoint }) => endpoint !== undefined && takesOver(endpoint));
  const broken = over.filter((access) => access.kind === 'broken' && !BESIDE_THE_NAME.includes(access.reason));
  const open = over.find((access) => access.kind === 'unknown');
  const proof = [...over.map(accessProof), ...paths.map(pathProof)];
  const [first] = broken;
  if (first?.kind === 'broken') {
    const lines = broken.map(({ service, line }) => `${service}: ${line}`).join('; ');
    return [
      fail(first.reason, `${lines}; the endpoint takes the name over, so that NAT does not help`, proof, {
        fix: fixOf(broken, { evidence, nodes, vpcId }),
      }),
    ];
  }
  return open?.kind === 'unknown' ? [unknown(open.reason, `${open.service}: ${open.line}`, proof)] : [];
}

function takesOver({ type, privateDns }: EksEndpoint): boolean {
  return type.toLowerCase() === 'gateway' || (privateDns.state === 'given' && privateDns.value);
}

function accessProof(access: Access): Proof {
  return {
    kind: access.kind === 'declared' ? 'declared' : 'derived',
    line: `${access.service}: ${access.line}`,
    field: access.service,
    value: access.kind,
  };
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
    ...[...accesses].sort((a, b) => RANK[a.kind] - RANK[b.kind]).map(accessProof),
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
