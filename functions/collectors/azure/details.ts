import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { AksCluster, AksEvidence } from '#domain/evidence/aks.ts';
import { Refusal } from '../transport/refusal.ts';
import type { Arm } from './arm.ts';
import { dig, flag, id, objects, text, value } from './facts.ts';
import { recordOf } from './graph.ts';

/** The two reads that no list and no Resource Graph table carries, once per cluster. */

const DIAGNOSTICS = 'Microsoft.Insights/diagnosticSettings/read';
const CONNECTIONS = 'Microsoft.ContainerService/managedClusters/privateEndpointConnections/read';
const DESTINATIONS = [
  'workspaceId',
  'storageAccountId',
  'eventHubAuthorizationRuleId',
  'marketplacePartnerId',
] as const;

export function readDiagnosticSettings(
  arm: Arm,
  clusterPath: string,
  at: () => string,
): Promise<AksEvidence['diagnosticSettings']> {
  const path = `${clusterPath}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview`;
  return read(arm, DIAGNOSTICS, path, at, (setting) => {
    const properties = recordOf(setting['properties']);
    return {
      name: nameOf(setting),
      logs: objects(properties['logs'], (log) => ({
        category: text(log['category']),
        categoryGroup: text(log['categoryGroup']),
        enabled: flag(log['enabled']),
      })),
      destinations: DESTINATIONS.filter((key) => typeof properties[key] === 'string' && properties[key] !== ''),
    };
  });
}

export async function readConnections(
  arm: Arm,
  clusterPath: string,
  cluster: AksCluster,
  at: () => string,
): Promise<AksEvidence['privateEndpointConnections']> {
  const isPrivate = cluster.apiServer.state === 'given' && value(cluster.apiServer.value.enablePrivateCluster) === true;
  if (!isPrivate)
    return collected(
      { kind: 'not-private' as const },
      { api: 'Microsoft.ContainerService/managedClusters/read', at: at() },
    );
  const connections = await read(
    arm,
    CONNECTIONS,
    `${clusterPath}/privateEndpointConnections?api-version=2025-05-01`,
    at,
    (connection) => ({
      name: nameOf(connection),
      status: text(dig(connection['properties'], 'privateLinkServiceConnectionState', 'status')),
      privateEndpointId: id(dig(connection['properties'], 'privateEndpoint', 'id')),
    }),
  );
  return connections.state === 'unavailable'
    ? connections
    : collected({ kind: 'connections' as const, connections: connections.value }, connections.source);
}

async function read<T>(
  arm: Arm,
  api: string,
  path: string,
  at: () => string,
  parse: (item: Readonly<Record<string, unknown>>) => T,
): Promise<Collected<T[]>> {
  const { items, trouble } = await arm.list(api, path);
  if (trouble instanceof Refusal) return unavailable(trouble.reason, trouble.message, api);
  const parsed = objects(items, parse);
  return parsed.state === 'given'
    ? collected(parsed.value, { api, at: at() })
    : unavailable('malformed-answer', `${api}: an entry is not an object`, api);
}

function nameOf(item: Readonly<Record<string, unknown>>): string {
  return typeof item['name'] === 'string' ? item['name'] : 'unnamed';
}
