import type { DeclaredEgress } from '#domain/central-egress.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import { shellQuote } from '#domain/shell.ts';
import { centralNameOf } from './central-dns.ts';
import { endpointUsability } from './endpoint-usability.ts';
import type { Usability } from './endpoint-use.ts';
import { cloudFormation, ec2Command } from './fix.ts';
import type { NodeSubnets } from './node-subnets.ts';
import { effectiveTable, type SubnetEgress, vpcOf } from './paths.ts';
import type { Access } from './service-path.ts';
import { fipsTwinOf, hostOf, hostsOf, REQUIRED_SERVICES, serviceOf } from './services.ts';

/** How the nodes of one VPC reach one service. */
export function accessTo(
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
  const twin = fipsTwinOf(service);
  if (endpoint !== undefined && use?.kind === 'usable') return { service, kind: 'ok', line: use.line, endpoint };
  if (endpoint !== undefined && use?.kind === 'unknown')
    return { service, kind: 'unknown', reason: use.reason, line: use.line, endpoint };
  if (endpoint !== undefined && use?.kind === 'defect')
    return { service, kind: 'broken', reason: use.reason, line: use.line, fix: use.fix, endpoint };
  const standIn = vpc.endpoints.value.find(
    ({ serviceName, state }) =>
      twin !== undefined && serviceOf(serviceName, evidence.region) === twin && state.toLowerCase() === 'available',
  );
  if (standIn !== undefined)
    return {
      service,
      kind: 'unknown',
      reason: 'undecidable',
      line: `${standIn.id} is the FIPS twin: it serves the FIPS name alone, and ${hostOf(service, evidence.region, evidence.partition)} keeps its public address (fips: [${service}] declares that the FIPS name is called)`,
    };
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
  const undecidedBy =
    central.value === 'none'
      ? undefined
      : `no endpoint in the VPC; traffic leaves by ${central.value}, as ${central.key} declares`;
  // A declaration is about where a route leads: it says nothing of a subnet that has none.
  const stranded =
    undecidedBy === undefined
      ? undefined
      : paths.find((path) => path.egress.kind === 'closed' && !leadsOut(path, evidence));
  const outside = paths.find(
    ({ egress }) => egress.kind === 'elsewhere' || (egress.kind === 'closed' && egress.peering),
  );
  if (stranded !== undefined) return noRoute(service, stranded, central, evidence);
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
  const named = centralNameOf(vpc, hostsOf(service, evidence));
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

const LEADING_OUT = [
  'transit-gateway',
  'peering',
  'virtual-private-gateway',
  'core-network',
  'other-gateway',
  'instance',
  'network-interface',
  'nat-gateway',
];

/** Whether any route of the subnet leads out of its VPC, to private addresses too: there a central endpoint can be. */
function leadsOut({ subnet }: SubnetEgress, { network }: EksEvidence): boolean {
  const table = effectiveTable(subnet, network);
  if ('state' in table) return true;
  return table.routes.some(
    ({ targetKind, destination, state }) =>
      state !== 'blackhole' &&
      (LEADING_OUT.includes(targetKind) || (targetKind === 'vpc-endpoint' && !destination.startsWith('pl-'))),
  );
}

function noRoute(service: string, { subnet }: SubnetEgress, { key }: DeclaredEgress, evidence: EksEvidence): Access {
  const table = effectiveTable(subnet, evidence.network);
  const id = 'state' in table ? '<the route table of the subnet>' : table.id;
  return {
    service,
    kind: 'broken',
    reason: 'no-route',
    line: `no endpoint in the VPC, and no route of ${subnet.id} (${id}) leads out of it: ${key} declares where a route leads, and there is none`,
    fix: cloudFormation(
      [ec2Command(evidence, `describe-route-tables --route-table-ids ${shellQuote(id)}`)],
      `# ${id}: a route to the network in which the central endpoints are\nType: AWS::EC2::Route\nProperties:\n  RouteTableId: ${id}\n  DestinationCidrBlock: <the range of the central endpoints>\n  TransitGatewayId: <the transit gateway>`,
    ),
  };
}
