import { isInside } from '#domain/arm-id.ts';
import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { AksCluster, AksNodeGroup } from '#domain/evidence/aks.ts';
import { prefixesOf } from './connection.ts';
import { reference, value } from './facts.ts';
import { frontendsOf, joined } from './frontends.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import { linkServices } from './link-services.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';
import { outsideFrontends } from './outside-balancers.ts';

type Json = Readonly<Record<string, unknown>>;

/** What AKS made in the cluster's node resource group. */
export function nodeGroup(
  subscription: string,
  cluster: AksCluster,
  snapshot: NetworkSnapshot,
): Collected<AksNodeGroup> {
  const api = 'Microsoft.Resources/subscriptions/resourceGroups/read';
  const name = cluster.nodeResourceGroup;
  if (name.state === 'absent') return unavailable('absent-field', 'the cluster names no node resource group', api);
  if (name.state === 'malformed') return unavailable('malformed-answer', `nodeResourceGroup is ${name.raw}`, api);
  const groupId = `/subscriptions/${subscription}/resourcegroups/${name.value}`.toLowerCase();
  const rows = snapshot.group(groupId);
  if (rows.state === 'unavailable') return rows;
  const ofType = (type: string) => rows.value.filter((row) => row.type === `microsoft.${type}`);
  return collected(
    {
      id: groupId,
      frontends: joined([
        ...ofType('network/loadbalancers').map((balancer) => frontendsOf(balancer, snapshot)),
        ...outsideFrontends(groupId, cluster, snapshot),
      ]),
      privateLinkServices: linkServices(groupId, snapshot),
      instanceAddresses: [
        ...ofType('compute/virtualmachinescalesets').filter(scaleSetIsPublic),
        ...ofType('network/networkinterfaces').filter((row) =>
          anyConfiguration(row.properties['ipConfigurations'], 'publicIPAddress'),
        ),
        ...ofType('network/publicipaddresses').filter(({ properties }) =>
          isInside(String(recordOf(properties['ipConfiguration'])['id'] ?? ''), 'networkInterfaces'),
        ),
      ]
        .map(({ id }) => id)
        .sort(),
      publicPrefixes: ofType('network/publicipprefixes')
        .map(({ id }) => id)
        .sort(),
      unreadInterfaces: ofType('network/networkinterfaces')
        .filter(({ properties }) => listOf(properties['ipConfigurations']).length === 0)
        .map(({ id }) => id)
        .sort(),
      machineSubnets: [
        ...new Set([
          ...machineSubnets(ofType('network/networkinterfaces')),
          ...ofType('compute/virtualmachinescalesets').flatMap(scaleSetSubnets),
        ]),
      ].sort(),
      networks: managedNetworks(ofType('network/virtualnetworks')),
    },
    rows.source,
  );
}

/** Interfaces of machines only: those of private endpoints and Private Link services send nothing on their own. */
function machineSubnets(interfaces: readonly GraphRow[]): string[] {
  const subnets = interfaces
    .filter(({ properties }) => recordOf(properties['virtualMachine'])['id'] !== undefined)
    .flatMap(({ properties }) => listOf(properties['ipConfigurations']))
    .map((configuration) => value(reference(recordOf(recordOf(configuration)['properties'])['subnet'])))
    .filter((subnet) => subnet !== undefined);
  return [...new Set(subnets)].sort();
}

function interfacesOf({ properties }: GraphRow): readonly Json[] {
  const profile = recordOf(recordOf(recordOf(properties['virtualMachineProfile'])['networkProfile']));
  return listOf(profile['networkInterfaceConfigurations']).map((entry) => recordOf(recordOf(entry)['properties']));
}

function scaleSetIsPublic(row: GraphRow): boolean {
  return interfacesOf(row).some((entry) => anyConfiguration(entry['ipConfigurations'], 'publicIPAddressConfiguration'));
}

/** Every interface of its machines counts, also the second ones that no pool names. */
function scaleSetSubnets(row: GraphRow): string[] {
  return interfacesOf(row)
    .flatMap((entry) => listOf(entry['ipConfigurations']))
    .map((configuration) => value(reference(recordOf(recordOf(configuration)['properties'])['subnet'])))
    .filter((subnet) => subnet !== undefined);
}

/** The network that AKS made, where the cluster did not bring one, without the subnet of the API server. */
function managedNetworks(networks: readonly GraphRow[]): AksNodeGroup['networks'] {
  return networks.map(({ id, properties }) => ({
    id,
    ranges: prefixesOf(properties['addressSpace']),
    subnets: subnetsOf(properties),
  }));
}

function subnetsOf(properties: Json): string[] {
  return listOf(properties['subnets'])
    .map(recordOf)
    .filter((subnet) => !isDelegatedToAks(recordOf(subnet['properties'])))
    .flatMap(({ id }) => (typeof id === 'string' ? [id.toLowerCase()] : []));
}

function isDelegatedToAks(properties: Json): boolean {
  return listOf(properties['delegations']).some((delegation) =>
    /^microsoft\.containerservice\/managedclusters$/i.test(
      String(recordOf(recordOf(delegation)['properties'])['serviceName']),
    ),
  );
}

function anyConfiguration(list: unknown, field: string): boolean {
  return listOf(list).some((configuration) => {
    const entry = recordOf(recordOf(configuration)['properties'])[field];
    return entry !== undefined && entry !== null;
  });
}
