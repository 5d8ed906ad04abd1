import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { Gap } from '#domain/collection.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { type Refusal, timeIsOver } from './refusal.ts';

export interface PartOptions<T> {
  /** The cluster that stays unjudged by a refusal, where there is one. */
  readonly resource?: string;
  /** A refusal that is an answer gives that answer instead. */
  readonly expected?: (refusal: Refusal) => T | undefined;
  /** Refusals that cost no coverage, with the reason that the part carries then. */
  readonly withoutGap?: (refusal: Refusal) => UnknownReason | undefined;
}

/** One reading of one target: what was refused gathers here. */
export class Reading<Api extends string = string> {
  readonly gaps: Gap[] = [];
  readonly signal: AbortSignal;
  readonly #now: () => Date;
  readonly #refusalOf: (error: unknown, api: Api) => Refusal;

  /** `refusalOf` puts what a read threw into the words of findings; it throws what is a fault of this program. */
  constructor(signal: AbortSignal, now: () => Date, refusalOf: (error: unknown, api: Api) => Refusal) {
    this.signal = signal;
    this.#now = now;
    this.#refusalOf = refusalOf;
  }

  /** Runs one read. A refusal becomes an unavailable part and a gap. */
  async part<T>(
    api: Api,
    read: (signal: AbortSignal) => Promise<T>,
    options: PartOptions<T> = {},
  ): Promise<Collected<T>> {
    try {
      this.signal.throwIfAborted();
      return this.#answer(api, await untilAborted(read(this.signal), this.signal));
    } catch (error) {
      const refusal = this.signal.aborted ? timeIsOver(error) : this.#refusalOf(error, api);
      const answer = options.expected?.(refusal);
      if (answer !== undefined) return this.#answer(api, answer);
      const { reason, message } = refusal;
      this.refused(api, refusal);
      const quiet = options.withoutGap?.(refusal);
      if (quiet !== undefined) return unavailable(quiet, message, api);
      this.gaps.push({
        reason,
        message,
        api,
        ...(options.resource === undefined ? {} : { resource: options.resource }),
      });
      return unavailable(reason, message, api);
    }
  }

  /** Called for every answer. */
  protected answered(_api: Api): void {}

  /** Called for every refusal that is not an answer. */
  protected refused(_api: Api, _refusal: Refusal): void {}

  #answer<T>(api: Api, value: T): Collected<T> {
    this.answered(api);
    return collected(value, { api, at: this.#now().toISOString() });
  }
}

/** Libraries sleep between their repeats without looking at the signal. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
