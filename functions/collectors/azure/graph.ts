import { subscriptionOf } from '#domain/arm-id.ts';
import { pagesUntilRefused } from '../transport/pages.ts';
import { Refusal } from '../transport/refusal.ts';
import type { Arm } from './arm.ts';
import { isRecord, troubleOfError } from './trouble.ts';

/** One row of Resource Graph. `id` in lower case; `properties` as the resource provider stores them. */
export interface GraphRow {
  readonly id: string;
  /** The id as it was sent, for paths of further calls. */
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly subscription: string;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly sku: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface GraphAnswer {
  readonly rows: readonly GraphRow[];
  /** What kept the answer from being whole. An incomplete answer proves no absence. */
  readonly trouble?: Refusal;
}

const PATH = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01';
/** Resource Graph's documented most per page, and most subscriptions per request. */
const PAGE_ROWS = 1000;
const BATCH_SUBSCRIPTIONS = 1000;
/** For rows so large that a page of them is too large: a network security group may hold a thousand rules. */
const SMALLER = [50];

/** Everything that stands behind a cluster's network settings. */
const NETWORK_TYPES = [
  'microsoft.network/virtualnetworks',
  'microsoft.network/routetables',
  'microsoft.network/networksecuritygroups',
  'microsoft.network/azurefirewalls',
  'microsoft.network/firewallpolicies',
  'microsoft.network/ipgroups',
  'microsoft.network/loadbalancers',
  'microsoft.network/publicipaddresses',
  'microsoft.network/publicipprefixes',
  'microsoft.network/networkinterfaces',
  'microsoft.network/privateendpoints',
  'microsoft.network/privatelinkservices',
  'microsoft.network/applicationgateways',
  'microsoft.network/virtualnetworkgateways',
  'microsoft.network/networksecurityperimeters',
  'microsoft.network/networksecurityperimeters/profiles',
  'microsoft.network/networksecurityperimeters/profiles/accessrules',
  'microsoft.network/networksecurityperimeters/resourceassociations',
  'microsoft.compute/virtualmachinescalesets',
  'microsoft.containerregistry/registries',
  'microsoft.keyvault/vaults',
] as const;

const PROJECTION =
  'project id, name, type, location, resourceGroup, subscriptionId, tags, sku, properties | order by id asc';

const RESOURCES = `resources | where type in~ (${NETWORK_TYPES.map((type) => `'${type}'`).join(', ')}) | ${PROJECTION}`;
const RESOURCE_GROUPS = `resourcecontainers | where type in~ ('microsoft.resources/subscriptions/resourcegroups') | ${PROJECTION}`;

export const readNetworks = (arm: Arm, subscriptions: readonly string[]): Promise<GraphAnswer> =>
  query(arm, 'Resource Graph, network resources', RESOURCES, subscriptions);

export const readResourceGroups = (arm: Arm, subscriptions: readonly string[]): Promise<GraphAnswer> =>
  query(arm, 'Resource Graph, resource groups', RESOURCE_GROUPS, subscriptions);

/** One query over batches of subscriptions, every page. Ordered by id, because paging is not repeatable otherwise. */
async function query(arm: Arm, what: string, text: string, subscriptions: readonly string[]): Promise<GraphAnswer> {
  const rows: GraphRow[] = [];
  for (let start = 0; start < subscriptions.length; start += BATCH_SUBSCRIPTIONS) {
    const batch = subscriptions.slice(start, start + BATCH_SUBSCRIPTIONS);
    const { items, refusal } = await pagesUntilRefused(
      (token, size = PAGE_ROWS) => readPage(arm, what, { subscriptions: batch, query: text }, size, token),
      { smaller: SMALLER },
    );
    rows.push(...items);
    if (refusal !== undefined) return { rows, trouble: troubleOfError(what, refusal) };
  }
  return { rows };
}

async function readPage(
  arm: Arm,
  what: string,
  asked: Readonly<Record<string, unknown>>,
  size: number,
  token: string | undefined,
): Promise<{ readonly items: readonly GraphRow[]; readonly token: string | undefined }> {
  const options = { $top: size, resultFormat: 'objectArray', ...(token === undefined ? {} : { $skipToken: token }) };
  const body = (await arm.post(what, PATH, { ...asked, options })) as Readonly<Record<string, unknown>>;
  const { data, $skipToken: next, resultTruncated } = body;
  if (!Array.isArray(data))
    throw new Refusal('malformed-answer', `${what}: the response carries no list "data"`, { status: 200 });
  const items = data.map((row) => rowOf(what, row));
  if (next === undefined || next === null || next === '') {
    // `resultTruncated` is a string, "true" or "false". Truncated without a token means that rows are missing for good.
    if (String(resultTruncated).toLowerCase() === 'true')
      throw new Refusal('truncated', `${what}: rows are missing after the last page`);
    return { items, token: undefined };
  }
  if (typeof next !== 'string') throw new Refusal('malformed-answer', `${what}: $skipToken is not text`);
  return { items, token: next };
}

function rowOf(what: string, row: unknown): GraphRow {
  if (!isRecord(row) || typeof row['id'] !== 'string' || typeof row['type'] !== 'string') {
    throw new Refusal('malformed-answer', `${what}: a row has no id or no type`, { status: 200 });
  }
  const id = row['id'].toLowerCase();
  return {
    id,
    path: row['id'],
    name: typeof row['name'] === 'string' ? row['name'] : (id.split('/').at(-1) ?? id),
    type: row['type'].toLowerCase(),
    location: typeof row['location'] === 'string' ? row['location'] : '',
    subscription: subscriptionOf(id),
    tags: recordOf(row['tags']),
    sku: recordOf(row['sku']),
    properties: recordOf(row['properties']),
  };
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
