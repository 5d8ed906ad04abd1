import { createAzureProvider } from '#collectors/azure/index.ts';
import { type LoopbackArm, startArm } from '#test/collectors/azure/loopback-arm.ts';
import { closedWorld } from '#test/collectors/azure/world.ts';

/** Requests of one scan of an Azure tenant, by kind, as counted by a loopback ARM. */
export interface AzureRequests {
  readonly subscriptions: number;
  readonly clusters: number;
  readonly total: number;
  readonly byKind: Readonly<Record<string, number>>;
}

const KINDS: Readonly<Record<string, RegExp>> = {
  'listing of subscriptions': /^GET \/subscriptions\?/,
  'managed-cluster lists': /managedClusters\?/,
  'Resource Graph': /ResourceGraph/,
  'per cluster': /diagnosticSettings|privateEndpointConnections/,
};

/** Scans `subscriptions` subscriptions with `clusters` private clusters each. */
export async function countAzureRequests(subscriptions: number, clusters: number): Promise<AzureRequests> {
  const arm = await tenantOf(subscriptions, clusters);
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
    return { subscriptions, clusters, total: arm.requests.length, byKind };
  } finally {
    await arm.close();
  }
}

function tenantOf(subscriptions: number, clusters: number): Promise<LoopbackArm> {
  const world = closedWorld();
  return startArm(({ path }) => {
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
    if (path.endsWith('ResourceGraph/resources')) return { body: { data: [], resultTruncated: 'false' } };
    return { body: { value: [] } };
  });
}
