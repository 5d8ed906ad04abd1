/**
 * EC2 documents token buckets per account and region; non-mutating actions get a bucket of 100 that refills by 20 a second (EC2 API guide,
 * "Request throttling", 2025). A scan takes a fraction of it, so that the account's own work never starves.
 */
const BUCKET = 100;
const REFILL_PER_SECOND = 20;

/** One bucket: the account and region it belongs to waits alone. */
export class Pacer {
  readonly #rate: number;
  readonly #size: number;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  #tokens: number;
  #at: number;

  constructor(
    fraction: number,
    now: () => number = () => performance.now(),
    sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#rate = (REFILL_PER_SECOND * fraction) / 1000;
    this.#size = Math.max(1, BUCKET * fraction);
    this.#tokens = this.#size;
    this.#now = now;
    this.#sleep = sleep;
    this.#at = now();
  }

  /** Resolves when the next request may go. Requests that wait are let go in their order. */
  async turn(): Promise<void> {
    const now = this.#now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#rate);
    this.#at = now;
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#sleep(-this.#tokens / this.#rate);
  }
}
