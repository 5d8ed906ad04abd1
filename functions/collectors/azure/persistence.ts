import { type PipelinePolicy, type PipelineRequest, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';

/** Waits, or rejects when the signal aborts. Replaced in tests. */
export type Delay = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

const ATTEMPTS = 4;
/** A server that asks for more than this is not waited for: the target is reported as throttled instead. */
const LONGEST_WAIT = 30_000;
const FIRST_PAUSE = 500;
/** Sockets that broke before an answer. A time-out is not in the list: it has already cost its full time. */
const TRANSIENT = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ESOCKETTIMEDOUT',
  'REQUEST_SEND_ERROR',
]);

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
        const wait = attempt < ATTEMPTS ? waitAfter(outcome, attempt) : undefined;
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
      error: late ? new RestError(`no whole answer within ${milliseconds / 1000} s`, { code: 'ETIMEDOUT' }) : error,
    };
  } finally {
    clearTimeout(timer);
    if (outer === undefined) delete request.abortSignal;
    else request.abortSignal = outer;
  }
}

const signalOf = (request: PipelineRequest): AbortSignal | undefined => request.abortSignal as AbortSignal | undefined;

/** Milliseconds until the next attempt; `undefined` when there should be none. */
function waitAfter({ response, error }: Outcome, attempt: number): number | undefined {
  const pause = FIRST_PAUSE * 2 ** (attempt - 1);
  if (response === undefined) {
    const code = (error as { code?: unknown } | undefined)?.code;
    return typeof code === 'string' && TRANSIENT.has(code) ? pause : undefined;
  }
  const { status } = response;
  if (status !== 429 && status !== 408 && !(status >= 500 && status !== 501 && status !== 505)) return undefined;
  const asked = retryAfter(response);
  if (asked === undefined) return pause;
  return asked <= LONGEST_WAIT ? asked : undefined;
}

/** `Retry-After` in seconds or as a date, or ARM's `x-ms-retry-after-ms` and `retry-after-ms`. */
function retryAfter(response: PipelineResponse): number | undefined {
  for (const header of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const milliseconds = Number(response.headers.get(header) ?? Number.NaN);
    if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  }
  const value = response.headers.get('retry-after');
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
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
    this.#pauses.set(bucketOf(request.url), Math.min(pause, LONGEST_WAIT));
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
  return /\/subscriptions\/([^/?]+)/i.exec(url)?.[1] ?? (/Microsoft\.ResourceGraph/i.test(url) ? 'graph' : 'tenant');
}

/** `hh:mm:ss` as milliseconds. */
function clock(text: string): number {
  const parts = text.split(':').map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isFinite(part))) return REFILL_PAUSE;
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
