import type { EksEvidence } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { mergeFixes } from '../shared/combine.ts';
import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { pathProof, type SubnetEgress, subnetEgress } from './shared/egress.ts';
import { cloudFormation, ec2Command } from './shared/fix.ts';
import { NODE_PATH_NEEDS } from './shared/needs.ts';
import { goneSubnets, nodeSubnets } from './shared/node-subnets.ts';

export default defineEksControl({
  id: 'eks-node-egress',
  title: 'Node subnets have no route to the internet',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 001: the whole network is closed',
  reference: 'VPC user guide, route tables; VPC Block Public Access',
  remediation:
    'Remove the route to the internet gateway, NAT gateway or egress-only gateway from the route table that the finding names.',
  needs: NODE_PATH_NEEDS,
  defaults: eksDefaults('network.subnets.blockMode'),
  parameters: CENTRAL_EGRESS,
  evaluate(subject) {
    const { evidence, declaredEgress, profile } = subject;
    const nodes = nodeSubnets(evidence, subject);
    const paths = nodes.subnets.map((subnet) => subnetEgress(subnet, evidence.network));
    const proof = paths.map(pathProof);
    const open = paths.filter(
      ({ egress }) => egress.kind === 'open' && (profile === 'closed' || egress.via === 'internet-gateway'),
    );
    if (open.length > 0) {
      return fail('internet-route', `${describe(open)}`, proof, { fix: fixOf(open, evidence) });
    }
    const undecided = paths.find(({ egress }) => egress.kind === 'undecided');
    if (undecided?.egress.kind === 'undecided')
      return unknown(undecided.egress.reason, `${undecided.subnet.id}: ${undecided.egress.message}`, proof);
    const elsewhere = paths.filter(({ egress }) => egress.kind === 'elsewhere');
    const central = declaredEgress([...new Set(elsewhere.map(({ subnet }) => subnet.vpcId))].sort());
    if (elsewhere.length > 0 && central.value === 'none') {
      return unknown(
        'undecidable',
        `where this leads is outside what the role can see (${central.key} declares it): ${describe(elsewhere)}`,
        proof,
      );
    }
    const unseen = nodes.incomplete ?? goneSubnets(nodes);
    if (unseen !== undefined) return unknownBecause(unseen, proof);
    if (elsewhere.length > 0) {
      return pass(
        `traffic leaves by ${central.value}, as ${central.key} declares: ${describe(elsewhere)}`,
        [{ kind: 'declared', line: `${central.key}: ${central.value}` }, ...proof],
        'declared',
      );
    }
    const nat = paths.filter(({ egress }) => egress.kind === 'open').length;
    return pass(
      nat > 0
        ? `${nat} of ${paths.length} node subnets leave through NAT, which profile private allows`
        : `none of ${paths.length} node subnets has a way to the internet`,
      proof,
    );
  },
});

function describe(paths: readonly SubnetEgress[]): string {
  const [first, ...rest] = paths;
  return `${first?.hops.join(' → ') ?? ''}${rest.length > 0 ? `, and ${rest.length} more ${rest.length === 1 ? 'subnet' : 'subnets'}` : ''}`;
}

function fixOf(open: readonly SubnetEgress[], evidence: EksEvidence): Fix {
  const routes = new Map(
    open.map(({ hops: [, table = '', destination = '', target = ''] }) => [
      `${table} ${destination}`,
      { table, destination, target },
    ]),
  );
  return mergeFixes(
    [...routes.values()].map(({ table, destination, target }) => {
      const [option, property] = destination.startsWith('pl-')
        ? ['prefix-list-id', 'DestinationPrefixListId']
        : destination.includes(':')
          ? ['ipv6-cidr-block', 'DestinationIpv6CidrBlock']
          : ['cidr-block', 'DestinationCidrBlock'];
      return cloudFormation(
        [
          ec2Command(
            evidence,
            `delete-route --route-table-id ${shellQuote(table)} --destination-${option} ${shellQuote(destination)}`,
          ),
        ],
        `# take this resource out: it leads to ${target}\nType: AWS::EC2::Route\nProperties:\n  RouteTableId: ${table}\n  ${property}: ${destination}`,
      );
    }),
  );
}
