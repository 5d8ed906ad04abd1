import type { UnknownReason } from '#domain/reason.ts';
import { Refusal, TooLarge } from './refusal.ts';

export interface Page<T> {
  readonly items: readonly T[] | null | undefined;
  /** Where the next page begins; empty or left out at the end. */
  readonly token: string | null | undefined;
}

export type ReadPage<T> = (token: string | undefined, size: number | undefined) => Promise<Page<T>>;

/** More pages than any real listing has. */
const MOST_PAGES = 2_000;

export interface PageOptions {
  /** Sizes to ask for, one after the other, where a page of the service's own size is larger than its limit. */
  readonly smaller?: readonly number[];
  /** What a token that comes again means to this API. */
  readonly loop?: UnknownReason;
}

/**
 * Every item of every page. An empty page with a token is not the end (Organizations documents it); a token that comes again would be read
 * for ever. Where a page is larger than its limit, the list is read again from its beginning in smaller pages: not every service lets the
 * size change along the way.
 */
export async function everyPage<T>(page: ReadPage<T>, options: PageOptions = {}): Promise<readonly T[]> {
  const { items, refusal } = await pagesUntilRefused(page, options);
  if (refusal !== undefined) throw refusal;
  return items;
}

/** As `everyPage`, but what came before a refusal is kept, for lists whose items stand for themselves. */
export async function pagesUntilRefused<T>(
  page: ReadPage<T>,
  { smaller = [], loop = 'malformed-answer' }: PageOptions = {},
): Promise<{ readonly items: readonly T[]; readonly refusal?: unknown }> {
  const sizes = [...smaller];
  for (let size: number | undefined; ; size = sizes.shift()) {
    const items: T[] = [];
    try {
      for await (const part of walk(page, size, loop)) items.push(...part);
      return { items };
    } catch (refusal) {
      if (!(refusal instanceof TooLarge) || sizes.length === 0) return { items, refusal };
    }
  }
}

async function* walk<T>(
  page: ReadPage<T>,
  size: number | undefined,
  loop: UnknownReason,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  for (let number = 1; ; number += 1) {
    const read = await page(token, size);
    const { items } = read;
    // A body of another service (HTML, `{}`) decodes to an object without its list.
    if (!Array.isArray(items)) throw new Refusal('malformed-answer', 'the response holds no list');
    yield items;
    // Only now: a token that is refused leaves the items of its page.
    const { token: next } = read;
    if (next === undefined || next === null || next === '') return;
    if (typeof next !== 'string') throw new Refusal('malformed-answer', 'the page token is not text');
    if (seen.has(next)) throw new Refusal(loop, `the response repeats its page token after page ${number}`);
    if (number >= MOST_PAGES) throw new Refusal('truncated', `the list has more than ${MOST_PAGES} pages`);
    seen.add(next);
    token = next;
  }
}
