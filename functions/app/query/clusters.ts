import type { StoredFinding } from '#domain/change.ts';
import { COMPOSITE } from '#domain/finding.ts';
import { normalUid } from '#domain/provider-facts.ts';
import { shown } from './findings.ts';
import { isTooLong, LONGEST_LIMIT, type Parameters } from './parameters.ts';
import { Problem } from './problem.ts';
import type { QueryStore } from './store.ts';

const STATE = { PASS: 'closed', FAIL: 'open', UNKNOWN: 'unknown', NOT_APPLICABLE: 'not-applicable' } as const;

/** Findings are about targets and accounts too. */
const NO_CLUSTERS: readonly string[] = ['target', 'ibm.account'];

export function clusters(query: Parameters, store: QueryStore): Promise<unknown> {
  return query.list(
    'clusters',
    (page) => store.ofControl(COMPOSITE, page),
    ({ finding: { resource, status, message } }) => ({ ...resource, state: STATE[status], message }),
  );
}

export async function cluster(path: string, store: QueryStore): Promise<unknown> {
  const uid = normalUid(decoded(path));
  if (isTooLong(uid)) throw new Problem(404, 'there is no cluster with so long a uid');
  const { items } = await store.ofResource(uid, { limit: LONGEST_LIMIT });
  const composite = items.find(({ finding }) => finding.control === COMPOSITE);
  const resource = (composite ?? items[0])?.finding.resource;
  if (resource === undefined || NO_CLUSTERS.includes(resource.type))
    throw new Problem(404, `there is no cluster ${uid}`);
  return { ...resource, ...stateOf(composite), findings: await shown(items, store) };
}

function stateOf(composite: StoredFinding | undefined) {
  if (composite === undefined) return { state: 'not-applicable', message: '' };
  const { status, message } = composite.finding;
  return { state: STATE[status], message };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(400, 'the path is not percent-encoded properly');
  }
}
