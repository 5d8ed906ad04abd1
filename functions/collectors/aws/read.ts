import { type Collected, collected } from '#domain/collected.ts';
import { Reading as AnyReading, type PartOptions } from '../transport/reading.ts';
import { classify } from './errors.ts';
import type { Permission } from './permissions.ts';

export { everyPage } from './page-size.ts';

/** One reading of one account and region. */
export class Reading extends AnyReading<Permission> {
  readonly #once = new Map<string, Promise<unknown>>();

  constructor(signal: AbortSignal, now: () => Date, regionEnabled = true) {
    super(signal, now, (error) => classify(error, regionEnabled));
  }

  /** The same question of several clusters (a role, a launch template) is put to AWS once. */
  once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#once.get(key);
    if (known !== undefined) return known as Promise<T>;
    const reading = read();
    this.#once.set(key, reading);
    return reading;
  }

  /** That AWS says the thing is gone is an answer: the part is missing, the coverage is not. */
  override part<T>(
    api: Permission,
    read: (signal: AbortSignal) => Promise<T>,
    options: PartOptions<T> = {},
  ): Promise<Collected<T>> {
    return super.part(api, read, {
      withoutGap: ({ reason }) => (reason === 'not-found' ? reason : undefined),
      ...options,
    });
  }
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
