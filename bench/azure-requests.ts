import { recordOf } from '#collectors/azure/graph.ts';
import { createAzureProvider } from '#collectors/azure/index.ts';
import { type LoopbackArm, startArm } from '#test/collectors/azure/loopback-arm.ts';
import { closedWorld } from '#test/collectors/azure/world.ts';

/** Requests of one scan of an Azure tenant, by kind, as counted by a loopback ARM. */
export interface AzureRequests {
  readonly subscriptions: number;
  readonly clusters: number;
  /** Network resources that Resource Graph holds. */
  readonly rows: number;
  readonly total: number;
  readonly byKind: Readonly<Record<string, number>>;
}

const KINDS: Readonly<Record<string, RegExp>> = {
  'listing of subscriptions': /^GET \/subscriptions\?/,
  'managed-cluster lists': /managedClusters\?/,
  'Resource Graph': /ResourceGraph/,
  'per cluster': /diagnosticSettings|privateEndpointConnections/,
};

/** Scans `subscriptions` subscriptions with `clusters` private clusters each, and a Resource Graph of `rows` network resources. */
export async function countAzureRequests(
  subscriptions: number,
  clusters: number,
  rows: number,
): Promise<AzureRequests> {
  const arm = await tenantOf(subscriptions, clusters, rows);
  try {
    const provider = createAzureProvider({
      endpoint: arm.url,
      tenants: [{ id: 'bench', subscriptions: 'all', credential: { type: 'access-token', token: 'bench' } }],
    });
    const context = { signal: AbortSignal.timeout(120_000), now: () => new Date() };
    const { targets } = await provider.plan(context);
    await Promise.all(targets.map(({ target }) => provider.collect(target, context)));
    const byKind = Object.fromEntries(
      Object.entries(KINDS).map(([kind, pattern]) => [kind, arm.requests.filter((line) => pattern.test(line)).length]),
    );
    return { subscriptions, clusters, rows, total: arm.requests.length, byKind };
  } finally {
    await arm.close();
  }
}

function tenantOf(subscriptions: number, clusters: number, rows: number): Promise<LoopbackArm> {
  const world = closedWorld();
  return startArm(({ path, body }) => {
    if (path === '/subscriptions') {
      return {
        body: {
          value: Array.from({ length: subscriptions }, (_, index) => ({
            subscriptionId: `s${index}`,
            state: 'Enabled',
          })),
        },
      };
    }
    if (path.endsWith('/managedClusters')) {
      const value = Array.from({ length: clusters }, (_, index) => ({
        id: `${path}/c${index}`,
        name: `c${index}`,
        location: 'westeurope',
        properties: world.properties,
      }));
      return { body: { value } };
    }
    if (path.endsWith('ResourceGraph/resources'))
      return { body: graphPage(String(body['query']).startsWith('resources ') ? rows : 1, recordOf(body['options'])) };
    return { body: { value: [] } };
  });
}

/** One page of at most 1,000 rows, as Resource Graph gives them, with the token of the next. */
function graphPage(rows: number, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const start = Number(options['$skipToken'] ?? 0);
  const end = Math.min(start + 1000, rows);
  const data = Array.from({ length: end - start }, (_, index) => ({
    id: `/subscriptions/s0/resourceGroups/g/providers/Microsoft.Network/routeTables/t${start + index}`,
    type: 'microsoft.network/routetables',
    properties: {},
  }));
  return {
    data,
    count: data.length,
    totalRecords: rows,
    resultTruncated: 'false',
    ...(end < rows ? { $skipToken: String(end) } : {}),
  };
}
