import { isDefinite } from './connection.ts';
import { type Refusal, refusalIn, timeIsOver } from './refusal.ts';

/** How long a provider is asked again. */
export interface Patience {
  readonly attempts: number;
  /** Attempts at a request that got no response in time: each of them costs its full time. */
  readonly attemptsAfterTimeout: number;
  /** Milliseconds before the given repeat, counted from 1, where the service asks for no other. */
  readonly backoff: (attempt: number) => number;
}

/** Whoever asks for more than this is not waited for: the target is reported as throttled instead. */
const LONGEST_WAIT = 30_000;

/** Milliseconds until the next attempt; undefined where there should be none. */
export function waitAfter(refusal: Refusal, attempt: number, patience: Patience): number | undefined {
  if (attempt >= attemptsFor(refusal, patience)) return undefined;
  const wait = refusal.retryAfter ?? patience.backoff(attempt);
  return wait <= LONGEST_WAIT ? wait : undefined;
}

function attemptsFor(refusal: Refusal, { attempts, attemptsAfterTimeout }: Patience): number {
  switch (refusal.reason) {
    case 'throttled':
      return attempts;
    case 'timeout':
      // A gateway's own time-out is a response, and came soon enough.
      return refusal.status === undefined ? attemptsAfterTimeout : attempts;
    case 'unreachable':
      return refusal.status === 501 || refusal.status === 505 || isDefinite(refusal) ? 1 : attempts;
    default:
      return 1;
  }
}

export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** Sends until there is a response, a definite refusal, or no patience left. */
export async function repeat<T>(
  send: () => Promise<T>,
  { patience, sleep, signal }: { readonly patience: Patience; readonly sleep: Sleep; readonly signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    if (signal.aborted) throw timeIsOver();
    try {
      return await send();
    } catch (error) {
      const refusal = refusalIn(error);
      const wait = refusal === undefined || signal.aborted ? undefined : waitAfter(refusal, attempt, patience);
      if (wait === undefined) throw error;
      await pause(wait, sleep, signal);
    }
  }
}

/** Waits; the deadline ends a wait as it ends a request. */
export async function pause(milliseconds: number, sleep: Sleep, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (signal.aborted) throw timeIsOver();
}
