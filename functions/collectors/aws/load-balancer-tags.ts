import { type Collected, collected } from '#domain/collected.ts';
import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import type { Reading } from './read.ts';

type Tags = EksLoadBalancer['tags'];

interface Described {
  readonly of: string | undefined;
  readonly tags: readonly { readonly Key: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** Both DescribeTags take at most twenty balancers. */
const AT_ONCE = 20;

/** The tags of balancers by their ARN or name. One that is gone by now makes the call fail as a whole: it is asked for alone then. */
export async function readTags(
  ids: readonly string[],
  reading: Reading,
  describe: (chunk: string[], signal: AbortSignal) => Promise<readonly Described[] | undefined>,
): Promise<(id: string) => Tags> {
  const chunks = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, index) =>
    ids.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
  const parts = new Map<string, Tags>();
  for (const chunk of chunks) {
    const part = await reading.part('elasticloadbalancing:DescribeTags', async (signal) => {
      try {
        return listed(await describe(chunk, signal));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return (await mapConcurrently(chunk, 5, (id) => alone(id, describe, signal))).flat();
      }
    });
    for (const id of chunk) parts.set(id, tagsIn(part, id));
  }
  return (id) => {
    const part = parts.get(id);
    if (part === undefined) throw new Error(`the tags of ${id} were not asked for`);
    return part;
  };
}

function listed(described: readonly Described[] | undefined): readonly Described[] {
  if (described === undefined) throw new SyntaxError('the answer holds no list');
  return described;
}

/** A balancer that is gone has no tags. */
async function alone(
  id: string,
  describe: (chunk: string[], signal: AbortSignal) => Promise<readonly Described[] | undefined>,
  signal: AbortSignal,
): Promise<readonly Described[]> {
  try {
    return listed(await describe([id], signal));
  } catch (error) {
    if (isNotFound(error)) return [{ of: id, tags: [] }];
    throw error;
  }
}

function tagsIn(part: Collected<readonly Described[]>, id: string): Tags {
  if (part.state === 'unavailable') return part;
  // Without tags a balancer is in the answer all the same, with an empty list.
  const found = part.value.find(({ of }) => of === id);
  if (found === undefined)
    return {
      state: 'unavailable',
      reason: 'not-found',
      message: `${id} was not in the answer`,
      api: 'elasticloadbalancing:DescribeTags',
    };
  return collected(
    (found.tags ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value })),
    part.source,
  );
}

/** Several parts as one: without one of them nothing is said about the whole. */
export function together<T, R>(parts: readonly Collected<T>[], join: (values: readonly T[]) => R): Collected<R> {
  const values: T[] = [];
  for (const part of parts) {
    if (part.state === 'unavailable') return part;
    values.push(part.value);
  }
  const [first] = parts;
  return collected(join(values), first?.state === 'collected' ? first.source : { api: '', at: '' });
}
