import { fakeAws } from '#estate/aws/wire.ts';
import { startJson } from '#estate/http.ts';
import { world } from '../aws/world.ts';
import { startArm } from '../azure/loopback-arm.ts';
import { closedWorld } from '../azure/world.ts';
import { ok, record, USUAL } from '../ibm/world.ts';
import { smallCluster, startApiServer } from '../kubernetes/api-server.ts';
import type { ProviderName } from './readers.ts';

export interface Cloud {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A small healthy cloud of each provider. */
export const CLOUDS: Readonly<Record<ProviderName, () => Promise<Cloud>>> = {
  aws: async () => {
    const { endpoint: url, close } = await fakeAws(world());
    return { url, close };
  },
  azure: () =>
    startArm(({ path }) => {
      if (path === '/subscriptions')
        return { body: { value: ['a', 'b'].map((subscriptionId) => ({ subscriptionId, state: 'Enabled' })) } };
      const [, id] = /^\/subscriptions\/([^/]+)\/.*\/managedClusters$/.exec(path) ?? [];
      if (id !== undefined) return { body: { value: [managedCluster(id)] } };
      if (path.endsWith('ResourceGraph/resources')) return { body: { data: [], resultTruncated: 'false' } };
      return { body: { value: [] } };
    }),
  ibm: () =>
    startJson(async ({ url }) =>
      url.pathname === '/global/v2/getCluster'
        ? ok(record())
        : (USUAL[url.pathname]?.(1, url) ?? { status: 404, body: {} }),
    ),
  kubernetes: () => startApiServer({ objects: smallCluster() }),
};

function managedCluster(subscription: string) {
  const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`;
  return { id, name: 'aks', location: 'westeurope', properties: closedWorld().properties };
}

/** One request of each provider, which a test answers in its own way: XML and JSON of AWS, JSON of the others. */
export const SPOILED: readonly { readonly provider: ProviderName; readonly request: RegExp }[] = [
  { provider: 'aws', request: /Action=DescribeSecurityGroups/ },
  { provider: 'aws', request: /^GET \/clusters\/alpha\/addons / },
  { provider: 'azure', request: /diagnosticSettings/ },
  { provider: 'ibm', request: /^GET \/global\/v1\/clusters\/c1\/workers / },
  { provider: 'kubernetes', request: /^GET \/api\/v1\/services/ },
];
