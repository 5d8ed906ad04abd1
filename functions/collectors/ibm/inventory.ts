import { everyPage } from '../transport/pages.ts';
import { Refusal } from '../transport/refusal.ts';
import type { ListedCluster } from './clusters.ts';
import { nextQuery } from './next-query.ts';
import type { IbmAccountOptions } from './options.ts';
import type { IbmReading } from './read.ts';
import { asRecord } from './shape.ts';

const SERVICE = 'containers-kubernetes';

/**
 * An empty list means "none visible": with too little access it looks as if there were no clusters. So where all three lists are empty, the resource
 * controller is asked what it knows of the service, and where the operator has told how many clusters there are at least, that holds too.
 * False costs the target its coverage, and nothing that was known of its clusters is closed.
 */
export async function checkInventory(
  { minimumClusters = 0 }: IbmAccountOptions,
  clusters: readonly ListedCluster[],
  reading: IbmReading,
): Promise<boolean> {
  if (clusters.length < minimumClusters) {
    reading.gaps.push({
      reason: 'not-found',
      message: `${clusters.length} clusters are visible, and minimumClusters says at least ${minimumClusters}: is the identity Viewer on ${SERVICE} in all resource groups?`,
      api: 'containers:getClusters',
    });
    return false;
  }
  if (clusters.length > 0) return true;
  const known = await reading.part('resource-controller:listInstances', () => countInstances(reading), {
    // A second opinion: where its service is not there, the lists stand alone.
    withoutGap: ({ reason }) => (reason === 'not-found' || reason === 'unreachable' ? 'not-scanned' : undefined),
  });
  if (known.state === 'unavailable') return known.reason === 'not-scanned';
  if (known.value === 0) return true;
  reading.gaps.push({
    reason: 'denied',
    message: `no cluster is visible, and the resource controller knows ${known.value}: the identity needs Viewer on ${SERVICE}`,
    api: 'containers:getClusters',
  });
  return false;
}

async function countInstances(reading: IbmReading): Promise<number> {
  const base = `${reading.endpoints.resourceController}/v2/resource_instances`;
  const instances = await everyPage(
    async (query, size = 100) => {
      const page = asRecord(await reading.get(`${base}${query ?? `?resource_id=${SERVICE}&limit=${size}`}`));
      const items = page?.['resources'];
      if (!Array.isArray(items)) throw new Refusal('malformed-answer', 'expected a list of resource instances');
      return { items: items as readonly unknown[], token: nextQuery(page?.['next_url']) };
    },
    { loop: 'truncated', smaller: [10] },
  );
  return instances.filter(isCluster).length;
}

/** By its offering or the service name of its CRN, whatever the server made of the filter. What was removed is kept for a while. */
function isCluster(raw: unknown): boolean {
  const { crn, id, resource_id: offering, state } = asRecord(raw) ?? {};
  const name = typeof crn === 'string' ? crn : typeof id === 'string' ? id : '';
  const gone = ['removed', 'pending_removal', 'pending_reclamation'].includes(String(state));
  return !gone && (offering === SERVICE || name.split(':')[4] === SERVICE);
}
