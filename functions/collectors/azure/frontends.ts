import { type Field, given } from '#domain/collected.ts';
import type { AksFrontend } from '#domain/evidence/aks-inbound.ts';
import { objects, reference, text, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

export const INBOUND = ['loadBalancingRules', 'inboundNatRules', 'inboundNatPools'] as const;

export function joined(lists: readonly Field<AksFrontend[]>[]): Field<AksFrontend[]> {
  const broken = lists.find((list) => list.state !== 'given');
  if (broken !== undefined)
    return broken.state === 'absent'
      ? { state: 'malformed', raw: 'a load balancer without frontendIPConfigurations' }
      : broken;
  return given(lists.flatMap((list) => value(list) ?? []));
}

export function frontendsOf(balancer: GraphRow, snapshot: NetworkSnapshot): Field<AksFrontend[]> {
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

export function nameOf(rule: Json): string {
  if (typeof rule['name'] === 'string') return rule['name'];
  return typeof rule['id'] === 'string' ? (rule['id'].split('/').at(-1) ?? 'unnamed') : 'unnamed';
}
