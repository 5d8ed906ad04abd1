import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksInterface } from '#domain/evidence/eks-paths.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';
import { mergeFixes } from '../../shared/combine.ts';
import { cloudFormation, ec2Command } from './fix.ts';
import { effectiveTable, type SubnetEgress } from './paths.ts';

interface OpenRoute {
  readonly table: string;
  readonly destination: string;
  readonly target: string;
}

/**
 * How to close the first route of each open path. Taking a route away cuts off everything in the subnets of its table: the command is printed only where every
 * interface there was read and belongs to the cluster's instances. Otherwise the fix says what to look at first.
 */
export function closeRoutes(open: readonly SubnetEgress[], evidence: EksEvidence): Fix {
  const routes = new Map(
    open.map(({ hops: [, table = '', destination = '', target = ''] }) => [
      `${table} ${destination}`,
      { table, destination, target },
    ]),
  );
  return mergeFixes([...routes.values()].map((route) => closeRoute(route, evidence)));
}

function closeRoute(route: OpenRoute, evidence: EksEvidence): Fix {
  const { table, destination, target } = route;
  const [option, property] = destination.startsWith('pl-')
    ? ['prefix-list-id', 'DestinationPrefixListId']
    : destination.includes(':')
      ? ['ipv6-cidr-block', 'DestinationIpv6CidrBlock']
      : ['cidr-block', 'DestinationCidrBlock'];
  const resource = `Type: AWS::EC2::Route\nProperties:\n  RouteTableId: ${table}\n  ${property}: ${destination}`;
  const subnets = subnetsOf(table, evidence);
  const others = otherUsers(subnets, evidence);
  if (others !== undefined && others.length === 0)
    return {
      ...cloudFormation(
        [
          ec2Command(
            evidence,
            `delete-route --route-table-id ${shellQuote(table)} --destination-${option} ${shellQuote(destination)}`,
          ),
        ],
        `# take this resource out: it leads to ${target}\n${resource}`,
      ),
      nothingElseUses: [
        {
          kind: 'derived',
          line: `${table}: every network interface in its subnets (${subnets.join(', ')}) belongs to an instance of the cluster`,
        },
      ],
    };
  const known = others === undefined || others.length === 0 ? '' : `: ${others.slice(0, 3).map(nameOf).join(', ')}`;
  return cloudFormation(
    [
      ec2Command(
        evidence,
        `describe-network-interfaces --filters ${shellQuote(`Name=subnet-id,Values=${subnets.join(',')}`)} --query 'NetworkInterfaces[].[NetworkInterfaceId,InterfaceType,Description,Attachment.InstanceId]'`,
      ),
    ],
    `# ${table} leads to ${target} for everything in ${subnets.join(', ')}${known}.\n# Move what needs this route to subnets with another table, or the nodes to subnets without it, before you take this resource out.\n${resource}`,
  );
}

function nameOf({ id, type, description }: EksInterface): string {
  const kind = type.state === 'given' && type.value !== 'interface' ? ` (${type.value})` : '';
  return `${id}${kind}${description === '' ? '' : ` "${description}"`}`;
}

/** Every subnet that follows the table, also the ones that no cluster names. */
function subnetsOf(tableId: string, { network }: EksEvidence): readonly string[] {
  if (network.subnets.state === 'unavailable') return [];
  return network.subnets.value
    .filter((subnet) => {
      const table = effectiveTable(subnet, network);
      return 'state' in table || table.id === tableId;
    })
    .map(({ id }) => id)
    .sort();
}

/** Interfaces in those subnets that are none of the cluster's instances. Undefined: they were not all read. */
function otherUsers(
  subnets: readonly string[],
  { instances, network: { interfaces } }: EksEvidence,
): readonly EksInterface[] | undefined {
  if (interfaces.state === 'unavailable' || instances.state === 'unavailable' || subnets.length === 0) return undefined;
  const own = new Set(instances.value.map(({ id }) => id));
  const there = interfaces.value.filter(({ subnetId }) => subnets.includes(subnetId));
  // Without an interface of a node that is known to stand there, the list is not the whole list.
  if (!there.some(({ instanceId }) => instanceId.state === 'given' && own.has(instanceId.value))) return undefined;
  return there.filter(({ instanceId }) => instanceId.state !== 'given' || !own.has(instanceId.value));
}
