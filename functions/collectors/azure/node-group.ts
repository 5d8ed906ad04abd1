import { isInside } from '#domain/arm-id.ts';
import { type Collected, collected, type Field, given, unavailable } from '#domain/collected.ts';
import type { AksCluster, AksEvidence, AksFrontend, AksNodeGroup } from '#domain/evidence/aks.ts';
import { dig, objects, reference, text, texts, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

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
      frontends: joined(ofType('network/loadbalancers').map((balancer) => frontendsOf(balancer, snapshot))),
      privateLinkServices: ofType('network/privatelinkservices').map(linkService),
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
      machineSubnets: machineSubnets(ofType('network/networkinterfaces')),
    },
    rows.source,
  );
}

/** Absent lists are empty ones (only who has a role sees the service); a row that shows nothing at all says nothing about them. */
function linkService({ id, properties }: GraphRow): AksNodeGroup['privateLinkServices'][number] {
  const nothing = { state: 'malformed' as const, raw: 'not shown: the row has no properties' };
  const list = (name: string) =>
    Object.keys(properties).length === 0 ? nothing : texts(dig(properties[name], 'subscriptions'));
  return { id, visibility: list('visibility'), autoApproval: list('autoApproval') };
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

const INBOUND = ['loadBalancingRules', 'inboundNatRules', 'inboundNatPools'] as const;

function joined(lists: readonly Field<AksFrontend[]>[]): Field<AksFrontend[]> {
  const broken = lists.find((list) => list.state !== 'given');
  if (broken !== undefined)
    return broken.state === 'absent'
      ? { state: 'malformed', raw: 'a load balancer without frontendIPConfigurations' }
      : broken;
  return given(lists.flatMap((list) => value(list) ?? []));
}

function frontendsOf(balancer: GraphRow, snapshot: NetworkSnapshot): Field<AksFrontend[]> {
  const shown = balancer.properties['frontendIPConfigurations'];
  if (
    Array.isArray(shown) &&
    shown.length === 0 &&
    INBOUND.some((kind) => listOf(balancer.properties[kind]).length > 0)
  )
    return { state: 'malformed', raw: `${balancer.name} with rules and without a frontend` };
  return objects(balancer.properties['frontendIPConfigurations'], (frontend) => {
    const properties = recordOf(frontend['properties']);
    const name = typeof frontend['name'] === 'string' ? frontend['name'] : 'unnamed';
    const key = (
      typeof frontend['id'] === 'string' ? frontend['id'] : `${balancer.id}/frontendipconfigurations/${name}`
    ).toLowerCase();
    const publicIpId = reference(properties['publicIPAddress']);
    const publicIp = publicIpId.state === 'given' ? snapshot.row(publicIpId.value) : undefined;
    return {
      loadBalancerId: balancer.id,
      name,
      publicIpId,
      publicPrefixId: reference(properties['publicIPPrefix']),
      subnetId: reference(properties['subnet']),
      inbound: rules(balancer, properties, key, INBOUND),
      outbound: rules(balancer, properties, key, ['outboundRules']),
      address: text(publicIp?.properties['ipAddress'] ?? properties['privateIPAddress']),
      service: text(publicIp?.tags['k8s-azure-service'] ?? publicIp?.tags['service']),
    };
  });
}

/** Rules by both ends: the frontend names its rules, and each rule of the balancer names its frontend. Either is enough. */
function rules(balancer: GraphRow, properties: Json, frontendId: string, kinds: readonly string[]): Field<string[]> {
  const names = new Set<string>();
  for (const kind of kinds) {
    for (const list of [properties[kind], balancer.properties[kind]]) {
      const read = objects(list, (rule) => rule);
      if (read.state === 'malformed') return read;
    }
    for (const rule of listOf(properties[kind])) names.add(nameOf(recordOf(rule)));
    for (const rule of listOf(balancer.properties[kind]).map(recordOf)) {
      const inner = recordOf(rule['properties']);
      const ends = [inner['frontendIPConfiguration'], ...listOf(inner['frontendIPConfigurations'])].map((end) =>
        value(reference(end)),
      );
      if (ends.includes(frontendId)) names.add(nameOf(rule));
    }
  }
  return given([...names].sort());
}

function nameOf(rule: Json): string {
  if (typeof rule['name'] === 'string') return rule['name'];
  return typeof rule['id'] === 'string' ? (rule['id'].split('/').at(-1) ?? 'unnamed') : 'unnamed';
}

function scaleSetIsPublic({ properties }: GraphRow): boolean {
  const profile = recordOf(recordOf(recordOf(properties['virtualMachineProfile'])['networkProfile']));
  return listOf(profile['networkInterfaceConfigurations']).some((configuration) =>
    anyConfiguration(
      recordOf(recordOf(configuration)['properties'])['ipConfigurations'],
      'publicIPAddressConfiguration',
    ),
  );
}

function anyConfiguration(list: unknown, field: string): boolean {
  return listOf(list).some((configuration) => {
    const entry = recordOf(recordOf(configuration)['properties'])[field];
    return entry !== undefined && entry !== null;
  });
}

/** Public, private, or undefined where the answer shows neither of the two. */
function gatewayFrontend(frontend: Json): { readonly name: string; readonly open: boolean | undefined } {
  const properties = recordOf(frontend['properties']);
  const address = reference(properties['publicIPAddress']);
  const inner = reference(properties['subnet']).state === 'given' || typeof properties['privateIPAddress'] === 'string';
  const open = address.state === 'given' ? true : address.state === 'absent' && inner ? false : undefined;
  return { name: nameOf(frontend), open };
}

/** The gateway that the ingress add-on manages; it may stand in any resource group. */
export function applicationGateway(cluster: AksCluster, snapshot: NetworkSnapshot): AksEvidence['applicationGateway'] {
  const api = 'Microsoft.Network/applicationGateways/read';
  const addon = cluster.applicationGatewayAddon;
  const gatewayId = addon.state === 'given' ? addon.value.gatewayId : undefined;
  if (gatewayId?.state !== 'given')
    return collected({ kind: 'none' as const }, snapshot.source('Microsoft.ContainerService/managedClusters/read'));
  const row = snapshot.find(gatewayId.value, api);
  if (row.state === 'unavailable') return row;
  const { properties } = row.value;
  const frontends = objects(properties['frontendIPConfigurations'], gatewayFrontend);
  if (frontends.state !== 'given' || frontends.value.length === 0)
    return unavailable('absent-field', `${row.value.id} shows no frontends`, api);
  const vague = frontends.value.find(({ open }) => open === undefined);
  if (vague !== undefined)
    return unavailable('absent-field', `frontend ${vague.name} of ${row.value.id} shows neither address`, api);
  return collected(
    {
      kind: 'gateway' as const,
      gateway: {
        id: row.value.id,
        publicFrontends: frontends.value.filter(({ open }) => open === true).map(({ name }) => name),
        frontends: frontends.value.length,
        firewall:
          reference(properties['firewallPolicy']).state === 'given' ||
          recordOf(properties['webApplicationFirewallConfiguration'])['enabled'] === true,
      },
    },
    row.source,
  );
}
