import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import type { NodeSubnets } from './node-subnets.ts';
import { effectiveTable } from './paths.ts';

/**
 * Whether anything in a subnet can use its route to an internet gateway. The gateway carries IPv4 for public addresses only; an IPv6 address is public by
 * itself. Source: VPC user guide, internet gateways.
 */
export function usesInternetGateway(
  subnet: EksSubnet,
  evidence: EksEvidence,
  { autoMode }: NodeSubnets,
): boolean | Unavailable {
  if (subnet.ipv6Cidrs.length > 0 && routesIpv6(subnet, evidence)) return true;
  const { mapsPublicAddress } = subnet;
  if (mapsPublicAddress.state !== 'given')
    return unavailable(
      mapsPublicAddress.state === 'absent' ? 'absent-field' : 'malformed-answer',
      `whether ${subnet.id} gives public addresses is not known`,
      'ec2:DescribeSubnets',
    );
  if (mapsPublicAddress.value) return true;
  const { instances, nodeGroups } = evidence;
  if (instances.state === 'unavailable') return instances;
  const holders = instances.value.filter(
    ({ subnetId, interfaces }) => subnetId === subnet.id || interfaces.some((entry) => entry.subnetId === subnet.id),
  );
  if (holders.some(({ publicAddress }) => publicAddress)) return true;
  if (nodeGroups.state === 'unavailable') return nodeGroups;
  for (const group of nodeGroups.value) {
    if (group.state === 'unavailable') return group;
    const { subnetIds, launchTemplate } = group.value;
    if (subnetIds.state === 'given' && !subnetIds.value.includes(subnet.id)) continue;
    if (launchTemplate.use === 'none') continue;
    const { content, id } = launchTemplate;
    if (content.state === 'unavailable') return content;
    const { associatePublicAddress: setting } = content.value;
    if (setting.state === 'malformed')
      return unavailable(
        'malformed-answer',
        `AssociatePublicIpAddress of ${id} is ${setting.raw}`,
        'ec2:DescribeLaunchTemplateVersions',
      );
    if (setting.state === 'given' && setting.value) return true;
  }
  return autoMode ?? false;
}

function routesIpv6(subnet: EksSubnet, { network }: EksEvidence): boolean {
  const table = effectiveTable(subnet, network);
  if ('state' in table) return true;
  return table.routes.some(
    ({ destination, targetKind, state }) =>
      targetKind === 'internet-gateway' && state !== 'blackhole' && /^pl-|:/.test(destination),
  );
}
