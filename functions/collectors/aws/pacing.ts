/**
 * EC2 documents token buckets per account and region; non-mutating actions get a bucket of 100 that refills by 20 a second (EC2 API guide,
 * "Request throttling", 2025). A scan takes a fraction of it, so that the account's own work never starves.
 */
const BUCKET = 100;
const REFILL_PER_SECOND = 20;

/** One bucket: the account and region it belongs to waits alone. */
export class Pacer {
  readonly #fullRate: number;
  #rate: number;
  readonly #size: number;
  readonly #now: () => number;
  readonly #sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  #tokens: number;
  #at: number;

  constructor(
    fraction: number,
    now: () => number = () => performance.now(),
    sleep: (ms: number, signal?: AbortSignal) => Promise<void> = pause,
  ) {
    this.#fullRate = (REFILL_PER_SECOND * fraction) / 1000;
    this.#rate = this.#fullRate;
    this.#size = Math.max(1, BUCKET * fraction);
    this.#tokens = this.#size;
    this.#now = now;
    this.#sleep = sleep;
    this.#at = now();
  }

  /** Resolves when the next request may go. Requests that wait are let go in their order. */
  async turn(signal?: AbortSignal): Promise<void> {
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#sleep(-this.#tokens / this.#rate, signal);
  }

  /** EC2 throttled all the same (others use the bucket too): half the pace, but never less than an eighth. */
  throttled(): void {
    this.#refill();
    this.#rate = Math.max(this.#rate / 2, this.#fullRate / 8);
  }

  /** An accepted request brings a part of the pace back. */
  accepted(): void {
    this.#refill();
    this.#rate = Math.min(this.#fullRate, this.#rate * 1.1);
  }

  /** Time that has passed counts at the pace that was valid then. */
  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#rate);
    this.#at = now;
  }
}

/** Waits; ends early, without an error, when the signal aborts. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** The buckets of a process, one per account and region, whoever reads there. */
export class Pacers {
  readonly #fraction: number;
  readonly #pacers = new Map<string, Pacer>();

  constructor(fraction: number) {
    this.#fraction = fraction;
  }

  of(account: string, region: string): Pacer {
    const key = `${account}:${region}`;
    const known = this.#pacers.get(key);
    if (known !== undefined) return known;
    const made = new Pacer(this.#fraction);
    this.#pacers.set(key, made);
    return made;
  }
}
