import type { DeclaredEgress } from '#domain/central-egress.ts';
import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl, type EksSubject } from './shared/define-eks-control.ts';
import { pathProof, subnetEgress } from './shared/egress.ts';
import { NODE_PATH_NEEDS } from './shared/needs.ts';
import { goneSubnets, type NodeSubnets, nodeSubnets, type PodSubnets } from './shared/node-subnets.ts';
import type { SubnetEgress } from './shared/paths.ts';
import { podSubnets } from './shared/pod-subnets.ts';
import { usesInternetGateway } from './shared/public-use.ts';
import { closeRoutes } from './shared/route-fix.ts';

export default defineEksControl({
  id: 'eks-node-egress',
  title: 'Node subnets have no route to the internet',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 001: the whole network is closed',
  reference: 'VPC user guide, route tables; VPC Block Public Access',
  remediation:
    'Give the nodes and pods subnets whose route table leads to no internet gateway, NAT gateway or egress-only gateway; take the route away only where nothing else in its subnets uses it.',
  needs: NODE_PATH_NEEDS,
  defaults: eksDefaults('network.subnets.blockMode'),
  parameters: CENTRAL_EGRESS,
  evaluate(subject) {
    const { evidence, declaredEgress, profile } = subject;
    const nodes = nodeSubnets(evidence, subject);
    const pods = podSubnets(evidence, nodes);
    const routed = [...nodes.subnets, ...(pods.ownRoutes === true ? pods.certain : [])];
    const paths = routed.map((subnet) => subnetEgress(subnet, evidence.network));
    const proof = [...paths.map(pathProof), ...limitsOf(subject, nodes)];
    const opening = paths.filter(
      ({ egress }) => egress.kind === 'open' && (profile === 'closed' || egress.via === 'internet-gateway'),
    );
    // What passes an appliance of the VPC first is what a declaration is about.
    const inspected = opening.filter((path) => throughOf(path) !== undefined);
    const led = paths.filter(({ egress }) => egress.kind === 'elsewhere');
    const central = declaredEgress(vpcsOf([...led, ...inspected]));
    const open = central.value === 'none' ? opening : opening.filter((path) => throughOf(path) === undefined);
    if (open.length > 0)
      return fail('internet-route', `${describe(open)}${unused(open, subject, nodes)}`, proof, {
        fix: closeRoutes(open, evidence),
      });
    const undecided = paths.find(({ egress }) => egress.kind === 'undecided');
    if (undecided?.egress.kind === 'undecided')
      return unknown(undecided.egress.reason, `${undecided.subnet.id}: ${undecided.egress.message}`, proof);
    const elsewhere = [...led, ...inspected];
    if (elsewhere.length > 0 && central.value === 'none') {
      return unknown(
        'undecidable',
        `where this leads is outside what the role can see (${central.key} declares it): ${describe(elsewhere)}`,
        proof,
      );
    }
    const unseen = unseenPart(subject, nodes, pods);
    if (unseen !== undefined) return unknownBecause(unseen, proof);
    const hybrid = hybridNodes(subject);
    if (hybrid !== undefined && 'state' in hybrid) return unknownBecause(hybrid, proof);
    if (hybrid?.declared.value === 'none')
      return unknown(
        'undecidable',
        `hybrid nodes (${hybrid.ranges}) leave through the network that they stand in, which is outside what the role can see (${hybrid.declared.key} declares it)`,
        proof,
      );
    const declared = [
      ...(elsewhere.length > 0 ? [{ ...central, what: describe(elsewhere) }] : []),
      ...(hybrid === undefined ? [] : [{ ...hybrid.declared, what: `hybrid nodes (${hybrid.ranges})` }]),
    ];
    const [first] = declared;
    if (first !== undefined)
      return pass(
        `traffic leaves by ${first.value}, as ${first.key} declares: ${declared.map(({ what }) => what).join('; ')}`,
        [
          ...[...new Set(declared.map(({ key, value }) => `${key}: ${value}`))].map(
            (line): Proof => ({ kind: 'declared', line }),
          ),
          ...proof,
        ],
        'declared',
      );
    const nat = paths.filter(({ egress }) => egress.kind === 'open').length;
    const judged =
      nodes.starters.length === 0
        ? ''
        : `; judged: ${paths.map(({ subnet }) => subnet.id).join(', ')}. ${nodes.starters.join(' and ')} may use others`;
    return pass(
      nat > 0
        ? `${nat} of ${paths.length} node subnets leave through NAT, which profile private allows${judged}`
        : `none of ${paths.length} node subnets has a path to the internet${judged}`,
      proof,
    );
  },
});

type Subject = EksSubject<typeof CENTRAL_EGRESS>;

const vpcsOf = (paths: readonly SubnetEgress[]) => [...new Set(paths.map(({ subnet }) => subnet.vpcId))].sort();

function throughOf({ egress }: SubnetEgress): string | undefined {
  return egress.kind === 'open' ? egress.through : undefined;
}

function describe(paths: readonly SubnetEgress[]): string {
  const [first, ...rest] = paths;
  return `${first?.hops.join(' → ') ?? ''}${rest.length > 0 ? `, and ${rest.length} more ${rest.length === 1 ? 'subnet' : 'subnets'}` : ''}`;
}

/** A route that nothing uses today stays a way out: one address opens it. The message says so. */
function unused(open: readonly SubnetEgress[], { evidence }: Subject, nodes: NodeSubnets): string {
  const reasons = open.map(({ subnet, egress }) => {
    if (egress.kind !== 'open') return undefined;
    if (egress.idle !== undefined) return egress.idle;
    return egress.via === 'internet-gateway' && usesInternetGateway(subnet, evidence, nodes) === false
      ? `nothing in ${subnet.id} has a public address`
      : undefined;
  });
  if (reasons.some((reason) => reason === undefined)) return '';
  return ` (nothing uses this today: ${[...new Set(reasons)].join('; ')})`;
}

/** Nodes and pods that were not seen. What only the cluster's inside names does not matter where every other subnet of the VPC is closed too. */
function unseenPart({ evidence }: Subject, nodes: NodeSubnets, pods: PodSubnets): Unavailable | undefined {
  const certain = nodes.incomplete ?? goneSubnets(nodes);
  if (certain !== undefined) return certain;
  if (nodes.autoMode !== undefined) {
    if (nodes.autoMode.reason !== 'undecidable') return nodes.autoMode;
    const way = firstWayOut(nodes.beside, evidence);
    if (way !== undefined)
      return { ...nodes.autoMode, message: `${nodes.autoMode.message}, and ${way.hops.join(' → ')}` };
  }
  const { ownRoutes, unclear } = pods;
  if (unclear !== undefined) {
    const { part, among } = unclear;
    if (among === undefined) return part;
    const way = ownRoutes === false ? undefined : firstWayOut(among, evidence);
    if (way !== undefined) return { ...part, message: `${part.message}, and ${way.hops.join(' → ')}` };
  }
  if (typeof ownRoutes === 'boolean') return undefined;
  const way = firstWayOut(pods.subnets, evidence);
  return way === undefined
    ? undefined
    : { ...ownRoutes, message: `whether pods leave by ${way.hops.join(' → ')} is not known: ${ownRoutes.message}` };
}

function firstWayOut(subnets: readonly EksSubnet[], { network }: EksEvidence): SubnetEgress | undefined {
  return subnets.map((subnet) => subnetEgress(subnet, network)).find(({ egress }) => egress.kind !== 'closed');
}

interface Hybrid {
  readonly ranges: string;
  readonly declared: DeclaredEgress;
}

/** Nodes outside AWS. Source: EKS user guide, hybrid nodes. */
function hybridNodes({ cluster: { remoteNodeNetworks }, declaredEgress }: Subject): Hybrid | Unavailable | undefined {
  if (remoteNodeNetworks.state === 'malformed')
    return unavailable('malformed-answer', `remoteNodeNetworks is ${remoteNodeNetworks.raw}`, 'eks:DescribeCluster');
  if (remoteNodeNetworks.state === 'absent' || remoteNodeNetworks.value.length === 0) return undefined;
  return { ranges: remoteNodeNetworks.value.join(', '), declared: declaredEgress([]) };
}

/** What the verdict does not look at, with the control that does. */
function limitsOf({ cluster }: Subject, { controlPlaneOnly }: NodeSubnets): readonly Proof[] {
  const mode = cluster.controlPlaneEgressMode.state === 'given' ? cluster.controlPlaneEgressMode.value : 'not sent';
  const apart: Proof = {
    kind: 'derived',
    line: `${controlPlaneOnly.join(', ')}: the control plane's alone, no node group, profile or instance is there`,
    field: 'controlPlaneOnly',
    value: controlPlaneOnly,
  };
  const ownExit: Proof = {
    kind: 'derived',
    line: `not judged here: the control plane's own calls (egress mode ${mode}), which eks-control-plane-egress judges`,
    field: 'controlPlaneEgressMode',
    value: mode,
  };
  return [...(controlPlaneOnly.length === 0 ? [] : [apart]), ownExit];
}
