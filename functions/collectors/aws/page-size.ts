import { AsyncLocalStorage } from 'node:async_hooks';
import { everyPage as everyPageOf, type Page } from '../transport/pages.ts';
import { Refusal, TooLarge } from '../transport/refusal.ts';

/** The size of pages for lists whose items are so large that a thousand of them are too large; an endless body is read once more for it. */
const SMALLER = [50];

interface Wanted {
  readonly size: number | undefined;
  /** Whether a request of this page named a size, which a smaller one can replace. */
  hasSize: boolean;
}

const wanted = new AsyncLocalStorage<Wanted>();

/** Every item of every page. Where a page is too large, smaller ones are asked for, of calls that name their `MaxResults`. */
export function everyPage<T>(page: (token: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  return everyPageOf(
    (token, size) => {
      const want: Wanted = { size, hasSize: false };
      return wanted
        .run(want, () => page(token))
        .catch((error: unknown) => {
          throw error instanceof TooLarge && !want.hasSize ? new Refusal(error.reason, error.message) : error;
        });
    },
    { smaller: SMALLER },
  );
}

interface SizedInput {
  readonly MaxResults?: number | undefined;
}

/** The size that the page wants, in place of the call's own. */
export function sized<I extends object>(input: I): I {
  const want = wanted.getStore();
  const { MaxResults: own } = input as SizedInput;
  if (want === undefined || own === undefined) return input;
  want.hasSize = true;
  return want.size === undefined || want.size >= own ? input : { ...input, MaxResults: want.size };
}
