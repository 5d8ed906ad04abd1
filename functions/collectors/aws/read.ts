import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { Gap } from '#domain/collection.ts';
import { classify, isNotFound } from './errors.ts';
import type { Permission } from './permissions.ts';

/** One reading of one account and region: what was refused gathers here. */
export class Reading {
  readonly gaps: Gap[] = [];
  readonly signal: AbortSignal;
  readonly #now: () => Date;
  readonly #regionEnabled: boolean;
  readonly #once = new Map<string, Promise<unknown>>();

  constructor(signal: AbortSignal, now: () => Date, regionEnabled = true) {
    this.signal = signal;
    this.#now = now;
    this.#regionEnabled = regionEnabled;
  }

  /** The same question of several clusters (a role, a launch template) is put to AWS once. */
  once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#once.get(key);
    if (known !== undefined) return known as Promise<T>;
    const reading = read();
    this.#once.set(key, reading);
    return reading;
  }

  /**
   * Runs one read. A refusal becomes an unavailable part and a gap; `resource` is the cluster that stays unjudged by it, where there is one.
   * With `expected`, an error that is an answer gives that answer instead.
   */
  async part<T>(
    api: Permission,
    read: (signal: AbortSignal) => Promise<T>,
    options: {
      readonly resource?: string;
      readonly expected?: (error: unknown) => T | undefined;
    } = {},
  ): Promise<Collected<T>> {
    try {
      this.signal.throwIfAborted();
      return collected(await untilAborted(read(this.signal), this.signal), { api, at: this.#now().toISOString() });
    } catch (error) {
      const answer = options.expected?.(error);
      if (answer !== undefined) return collected(answer, { api, at: this.#now().toISOString() });
      // That AWS says the thing is gone is an answer: the part is missing, the coverage is not.
      if (isNotFound(error)) {
        return unavailable('not-found', classify(error, this.#regionEnabled).message, api);
      }
      const { reason, message } = this.signal.aborted
        ? { reason: 'timeout' as const, message: 'the time for this target was over' }
        : classify(error, this.#regionEnabled);
      this.gaps.push({
        reason,
        message,
        api,
        ...(options.resource === undefined ? {} : { resource: options.resource }),
      });
      return unavailable(reason, message, api);
    }
  }
}

/** The SDK sleeps between its repeats without looking at the signal. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A page token that comes again would read for ever. */
class PageLoop extends SyntaxError {
  override readonly name = 'SyntaxError';
}

/**
 * Every item of every page. An empty page with a token is not the end (Organizations documents it); a token that repeats is a fault of the
 * answer.
 */
export async function everyPage<T>(
  page: (
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[] | undefined; readonly token: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const { items, token: next } = await page(token);
    // A body of another service (HTML, `{}`) decodes to an object without its list.
    if (!Array.isArray(items)) throw new SyntaxError('the answer holds no list');
    all.push(...items);
    token = next === '' ? undefined : next;
    if (token !== undefined && seen.has(token)) throw new PageLoop('the answer repeats its page token');
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
  return all;
}

/** EC2's filters take at most 200 values. */
const FILTER_VALUES = 200;

/** Reads a list by a filter, in as many turns as its values need. No value, no call. */
export async function inChunks<T>(
  values: readonly string[],
  read: (chunk: string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let start = 0; start < values.length; start += FILTER_VALUES)
    all.push(...(await read(values.slice(start, start + FILTER_VALUES))));
  return all;
}

export function token(NextToken: string | undefined): { readonly NextToken?: string } {
  return NextToken === undefined ? {} : { NextToken };
}

/** All parts in one; the first that could not be read makes the whole unavailable, so that a missing part is never an empty one. */
export function merged<T>(parts: readonly Collected<T[]>[]): Collected<T[]> {
  const missing = parts.find((part) => part.state === 'unavailable');
  if (missing !== undefined) return missing;
  const [first, ...rest] = parts.filter((part) => part.state === 'collected');
  if (first === undefined) return collected([], { api: 'ec2:DescribeVpcs', at: '' });
  return rest.length === 0
    ? first
    : collected(
        [first, ...rest].flatMap(({ value }) => value),
        first.source,
      );
}
