import * as v from 'valibot';
import { everyPage } from '../transport/pages.ts';
import { Refusal } from '../transport/refusal.ts';
import type { Client } from './client.ts';

const List = v.object({
  metadata: v.nullish(v.object({ continue: v.nullish(v.string()) })),
  items: v.nullish(v.array(v.unknown())),
});

/** API servers give out at most this many objects per page here; fewer where objects are so large that a page of them is too large. */
const PAGE = 500;
const SMALLER = [20];

/**
 * Every object of a list, page after page. A list that expires while it is read (410) is started again once; if it expires again, or
 * a page token comes back, it is `truncated`: a partial list is never taken for a whole one.
 */
export async function listAll(client: Client, path: string): Promise<readonly unknown[]> {
  try {
    return await readPages(client, path);
  } catch (error) {
    if (error instanceof Refusal && error.status === 410) return readPages(client, path);
    throw error;
  }
}

function readPages(client: Client, path: string): Promise<readonly unknown[]> {
  return everyPage(
    async (token, size = PAGE) => {
      const start = token === undefined ? '' : `&continue=${encodeURIComponent(token)}`;
      const query = `${path.includes('?') ? '&' : '?'}limit=${size}${start}`;
      const page = v.safeParse(List, await client.get(`${path}${query}`));
      if (!page.success) throw new Refusal('malformed-answer', `${path}: the response is not a list`);
      const { items, metadata } = page.output;
      // `items: null` is how Go writes an empty list; no items at all is another answer.
      if (items === undefined) throw new Refusal('malformed-answer', `${path}: the response has no items`);
      return { items: items ?? [], token: metadata?.continue };
    },
    { smaller: SMALLER, loop: 'truncated' },
  );
}
