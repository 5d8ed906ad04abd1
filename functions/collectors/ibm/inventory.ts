import type { ListedCluster } from './clusters.ts';
import { IbmRefusal } from './http.ts';
import type { IbmAccountOptions } from './options.ts';
import type { IbmReading } from './read.ts';
import { asRecord } from './shape.ts';

const SERVICE = 'containers-kubernetes';
const MOST_PAGES = 100;

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
  const seen = new Set<string>();
  let count = 0;
  let query: string | undefined = `?resource_id=${SERVICE}&limit=100`;
  while (query !== undefined) {
    if (seen.has(query) || seen.size >= MOST_PAGES)
      throw new IbmRefusal('truncated', 'the list of resource instances repeats its pages');
    seen.add(query);
    const page = asRecord(await reading.get(`${base}${query}`));
    const instances = page?.['resources'];
    if (!Array.isArray(instances)) throw new IbmRefusal('malformed-answer', 'expected a list of resource instances');
    count += instances.filter(isCluster).length;
    query = nextQuery(page?.['next_url']);
  }
  return count;
}

/** By its offering or the service name of its CRN, whatever the server made of the filter. What was removed is kept for a while. */
function isCluster(raw: unknown): boolean {
  const { crn, id, resource_id: offering, state } = asRecord(raw) ?? {};
  const name = typeof crn === 'string' ? crn : typeof id === 'string' ? id : '';
  const gone = ['removed', 'pending_removal', 'pending_reclamation'].includes(String(state));
  return !gone && (offering === SERVICE || name.split(':')[4] === SERVICE);
}

/** Only the query is taken from the answer: the token goes to the configured host and to no other. */
function nextQuery(next: unknown): string | undefined {
  return typeof next === 'string' && next !== ''
    ? (URL.parse(next, 'https://unused.invalid')?.search ?? '')
    : undefined;
}
