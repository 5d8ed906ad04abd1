import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { CollectContext, Gap } from '#domain/collection.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { type IbmHttp, IbmRefusal } from './http.ts';
import type { IbmAccountOptions, IbmEndpoints } from './options.ts';
import type { IbmRead } from './permissions.ts';
import type { Tokens } from './tokens.ts';

/** How a read went: what `doctor` tells. */
export interface Tried {
  readonly outcome: 'allowed' | 'denied' | 'failed';
  readonly detail: string;
}

/** One reading of one account: its token, its count, its gaps. */
export class IbmReading {
  readonly gaps: Gap[] = [];
  /** Of several requests of one kind, the refused one is what there is to tell. */
  readonly tried = new Map<IbmRead, Tried>();
  readonly counter = { calls: 0 };
  readonly http: IbmHttp;
  readonly endpoints: IbmEndpoints;
  readonly signal: AbortSignal;
  readonly #tokens: Tokens;
  readonly #account: IbmAccountOptions;
  readonly #now: () => Date;

  constructor(
    account: IbmAccountOptions,
    http: IbmHttp,
    tokens: Tokens,
    endpoints: IbmEndpoints,
    { signal, now }: CollectContext,
  ) {
    this.#account = account;
    this.#tokens = tokens;
    this.#now = now;
    this.http = http;
    this.endpoints = endpoints;
    this.signal = signal;
  }

  /**
   * A refusal becomes an unavailable part and a gap. `withoutGap` names the refusals of a side service that blind its own control and cost no
   * coverage, with the reason that the control gives.
   */
  async part<T>(
    api: IbmRead,
    read: () => Promise<T>,
    options: {
      readonly resource?: string;
      readonly expected?: (refusal: IbmRefusal) => T | undefined;
      readonly withoutGap?: (refusal: IbmRefusal) => UnknownReason | undefined;
    } = {},
  ): Promise<Collected<T>> {
    try {
      const value = await read();
      this.#note(api, { outcome: 'allowed', detail: '' });
      return collected(value, { api, at: this.#now().toISOString() });
    } catch (error) {
      const refusal =
        error instanceof IbmRefusal
          ? error
          : new IbmRefusal('malformed-answer', error instanceof Error ? error.message : String(error));
      const answer = options.expected?.(refusal);
      if (answer !== undefined) {
        this.#note(api, { outcome: 'allowed', detail: '' });
        return collected(answer, { api, at: this.#now().toISOString() });
      }
      const { reason, message } = refusal;
      this.#note(api, { outcome: reason === 'denied' ? 'denied' : 'failed', detail: message });
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

  #note(api: IbmRead, tried: Tried): void {
    if (tried.outcome !== 'allowed' || !this.tried.has(api)) this.tried.set(api, tried);
  }

  token() {
    return this.#tokens.of(this.#account, this.counter, this.signal);
  }

  withToken<T>(send: (token: string) => Promise<T>): Promise<T> {
    return this.#tokens.use(this.#account, this.counter, this.signal, send);
  }

  async get(url: string): Promise<unknown> {
    const { body } = await this.withToken((token) =>
      this.http.json({ url, headers: { authorization: `Bearer ${token}` }, signal: this.signal }, this.counter),
    );
    return body;
  }
}
