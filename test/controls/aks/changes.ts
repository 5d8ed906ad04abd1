import {
  type Json,
  NODES,
  pool,
  route,
  rowOf,
  subnetOf,
  TABLE,
  VNET,
  type World,
} from '#test/collectors/azure/world.ts';

/** A change of the closed world. */
export type Change = (world: World) => void;

export const network =
  (extra: Json): Change =>
  (world) => {
    Object.assign(world.properties['networkProfile'] as Json, extra);
  };
export const outbound = (outboundType: unknown) => network({ outboundType });
export const routes =
  (...list: Json[]): Change =>
  (world) => {
    rowOf(world, TABLE)['routes'] = list;
  };
export const table =
  (extra: Json): Change =>
  (world) => {
    Object.assign(rowOf(world, TABLE), extra);
  };
export const nodes =
  (extra: Json): Change =>
  (world) => {
    Object.assign(subnetOf(world, NODES), extra);
  };
export const both =
  (...changes: readonly Change[]): Change =>
  (world) => {
    for (const change of changes) change(world);
  };
export const without =
  (id: string): Change =>
  (world) => {
    world.rows = world.rows.filter((entry) => entry['id'] !== id);
  };
export const toFirewall = route('default', '0.0.0.0/0', 'VirtualAppliance', '10.0.1.4');
export const gateway: Change = (world) => {
  (rowOf(world, VNET)['subnets'] as Json[]).push({
    id: `${VNET}/subnets/GatewaySubnet`,
    name: 'GatewaySubnet',
    properties: {},
  });
};
export const managed: Change = (world) => {
  world.properties['agentPoolProfiles'] = [pool('a', { vnetSubnetID: undefined, podSubnetID: undefined })];
};
export const nat = { natGateway: { id: '/subscriptions/x/natGateways/nat' } };
