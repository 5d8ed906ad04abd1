import * as v from 'valibot';
import type { Client } from './client.ts';
import { ApiFailure } from './failure.ts';

const List = v.object({
  metadata: v.nullish(v.object({ continue: v.nullish(v.string()) })),
  items: v.nullish(v.array(v.unknown())),
});

/** API servers give out at most this many objects per page here. */
const PAGE = 500;

/**
 * Every object of a list, page after page. A list that expires while it is read (410) is started again once; if it expires again, or
 * a page token comes back, it is `truncated`: a partial list is never taken for a whole one.
 */
export async function listAll(client: Client, path: string): Promise<readonly unknown[]> {
  try {
    return await readPages(client, path);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 410) return readPages(client, path);
    throw error;
  }
}

async function readPages(client: Client, path: string): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const seen = new Set<string>();
  let token = '';
  for (;;) {
    const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
    const page = v.safeParse(List, await client.get(`${path}${query}`));
    if (!page.success) throw new ApiFailure('malformed-answer', `${path}: the answer is no list`);
    // `items: null` is how Go writes an empty list; no items at all is another answer.
    if (page.output.items === undefined) throw new ApiFailure('malformed-answer', `${path}: the answer has no items`);
    found.push(...(page.output.items ?? []));
    token = page.output.metadata?.continue ?? '';
    if (token === '') return found;
    if (seen.has(token)) throw new ApiFailure('truncated', `${path}: the same page token came twice`);
    seen.add(token);
  }
}
