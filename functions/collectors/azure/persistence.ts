import { type PipelinePolicy, type PipelineRequest, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import { subscriptionOf } from '#domain/arm-id.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal, reasonOfStatus, refusalIn } from '../transport/refusal.ts';
import { type Patience, waitAfter } from '../transport/retry.ts';
import { retryAfterOf } from '../transport/retry-after.ts';

/** Waits, or rejects when the signal aborts. Replaced in tests. */
export type Delay = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

const PATIENCE: Patience = { attempts: 4, attemptsAfterTimeout: 1, backoff: (attempt) => 500 * 2 ** (attempt - 1) };
/** The longest pause for a quota: what takes longer is found out by asking. */
const LONGEST_PAUSE = 30_000;

export interface PersistenceOptions {
  readonly delay: Delay;
  /** Called for every request that leaves, repeats included. */
  readonly count: () => void;
  /** Milliseconds for a single request, its whole answer included. */
  readonly requestTimeout: number;
}

/**
 * Repeats what is worth repeating, in the place of the SDK's own retry policy. That one does not repeat a 429 without Retry-After,
 * sleeps for whatever Retry-After says however long it is, and has no notion of the quota that ARM announces with every answer.
 */
export function persistencePolicy({ delay, count, requestTimeout }: PersistenceOptions): PipelinePolicy {
  const quota = new Quota();
  return {
    name: 'ringfencePersistence',
    async sendRequest(request, next) {
      for (let attempt = 1; ; attempt += 1) {
        const pause = quota.pauseBefore(request);
        if (pause > 0) await delay(pause, signalOf(request));
        count();
        const outcome = await attemptOnce(request, next, requestTimeout);
        if (outcome.response !== undefined) quota.learn(request, outcome.response);
        const refusal = refusalOf(request, outcome);
        const wait = refusal === undefined ? undefined : waitAfter(refusal, attempt, PATIENCE);
        if (wait !== undefined) {
          await delay(wait, signalOf(request));
          continue;
        }
        if (outcome.response !== undefined) return outcome.response;
        throw outcome.error;
      }
    },
  };
}

interface Outcome {
  readonly response?: PipelineResponse;
  readonly error?: unknown;
}

/**
 * One attempt, with its time-out over the whole answer. The pipeline's own `timeout` ends with the headers, so that a body that never
 * ends would hold the target until its deadline, and its timer outlives a broken socket.
 */
async function attemptOnce(
  request: PipelineRequest,
  next: (request: PipelineRequest) => Promise<PipelineResponse>,
  milliseconds: number,
): Promise<Outcome> {
  const outer = signalOf(request);
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), milliseconds);
  request.abortSignal = outer === undefined ? slow.signal : AbortSignal.any([outer, slow.signal]);
  try {
    return { response: await next(request) };
  } catch (error) {
    const late = slow.signal.aborted && outer?.aborted !== true;
    return {
      error: late ? new RestError('no whole response in time', { code: 'ETIMEDOUT', request }) : error,
    };
  } finally {
    clearTimeout(timer);
    if (outer === undefined) delete request.abortSignal;
    else request.abortSignal = outer;
  }
}

const signalOf = (request: PipelineRequest): AbortSignal | undefined => request.abortSignal as AbortSignal | undefined;

/** What the transport's retry decides by; undefined for a response that is none. */
function refusalOf({ url }: PipelineRequest, { response, error }: Outcome): Refusal | undefined {
  if (response === undefined) return refusalIn(error) ?? connectionRefusal(error, { host: URL.parse(url)?.host });
  const { status } = response;
  if (status < 400) return undefined;
  return new Refusal(reasonOfStatus(status), `HTTP ${status}`, { status, retryAfter: retryAfter(response) });
}

/** `Retry-After`, or ARM's `x-ms-retry-after-ms` and `retry-after-ms`. */
function retryAfter({ headers }: PipelineResponse): number | undefined {
  for (const header of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const value = headers.get(header)?.trim() ?? '';
    if (/^\d+$/.test(value)) return Number(value);
  }
  return retryAfterOf(headers.get('retry-after'), Date.now());
}

/** ARM's token buckets refill by 25 a second ("How Azure Resource Manager throttles requests"): a pause of this length earns 25 reads. */
const REFILL_PAUSE = 1000;
const RESERVE = 5;

/**
 * Slows down before ARM has to say 429. The headers are per bucket: `x-ms-ratelimit-remaining-*` belongs to a subscription (or the
 * tenant), `x-ms-user-quota-*` to Resource Graph.
 */
class Quota {
  readonly #pauses = new Map<string, number>();

  pauseBefore(request: PipelineRequest): number {
    const bucket = bucketOf(request.url);
    const pause = this.#pauses.get(bucket) ?? 0;
    this.#pauses.delete(bucket);
    return pause;
  }

  learn(request: PipelineRequest, response: PipelineResponse): void {
    const remaining = lowest(response);
    if (remaining === undefined || remaining > RESERVE) return;
    const resets = response.headers.get('x-ms-user-quota-resets-after');
    const pause = resets === undefined ? REFILL_PAUSE : remaining > 0 ? 0 : clock(resets);
    this.#pauses.set(bucketOf(request.url), Math.min(pause, LONGEST_PAUSE));
  }
}

function lowest({ headers }: PipelineResponse): number | undefined {
  const values = Object.entries(headers.toJSON())
    .filter(([name]) => /^x-ms-(?:ratelimit-remaining-(?!.*(?:writes|deletes))|user-quota-remaining$)/i.test(name))
    // One number, or of a resource provider's buckets `Name;number,Name;number`.
    .flatMap(([, value]) => value.split(',').map((bucket) => Number(bucket.split(';').at(-1))))
    .filter((value) => Number.isFinite(value));
  return values.length === 0 ? undefined : Math.min(...values);
}

function bucketOf(url: string): string {
  return subscriptionOf(URL.parse(url)?.pathname ?? '') || (/Microsoft\.ResourceGraph/i.test(url) ? 'graph' : 'tenant');
}

/** `hh:mm:ss` as milliseconds. */
function clock(text: string): number {
  const parts = text.split(':').map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isFinite(part))) return REFILL_PAUSE;
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
