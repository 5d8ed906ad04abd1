import type { CollectContext } from '#domain/collection.ts';
import { Reading } from '../transport/reading.ts';
import { Refusal, refusalIn } from '../transport/refusal.ts';
import type { IbmHttp } from './http.ts';
import type { IbmAccountOptions, IbmEndpoints } from './options.ts';
import type { IbmRead } from './permissions.ts';
import type { Tokens } from './tokens.ts';

/** How a read went: what `doctor` tells. */
export interface Tried {
  readonly outcome: 'allowed' | 'denied' | 'failed';
  readonly detail: string;
}

/** One reading of one account: its token, its count, its gaps. */
export class IbmReading extends Reading<IbmRead> {
  /** Of several requests of one kind, the refused one is what there is to tell. */
  readonly tried = new Map<IbmRead, Tried>();
  readonly counter = { calls: 0 };
  readonly http: IbmHttp;
  readonly endpoints: IbmEndpoints;
  readonly #tokens: Tokens;
  readonly #account: IbmAccountOptions;

  constructor(
    account: IbmAccountOptions,
    http: IbmHttp,
    tokens: Tokens,
    endpoints: IbmEndpoints,
    { signal, now }: CollectContext,
  ) {
    super(
      signal,
      now,
      (error) =>
        refusalIn(error) ?? new Refusal('malformed-answer', error instanceof Error ? error.message : String(error)),
    );
    this.#account = account;
    this.#tokens = tokens;
    this.http = http;
    this.endpoints = endpoints;
  }

  protected override answered(api: IbmRead): void {
    this.#note(api, { outcome: 'allowed', detail: '' });
  }

  protected override refused(api: IbmRead, { reason, message }: Refusal): void {
    this.#note(api, { outcome: reason === 'denied' ? 'denied' : 'failed', detail: message });
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

  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { body } = await this.withToken((token) =>
      this.http.json(
        { url, headers: { ...headers, authorization: `Bearer ${token}` }, signal: this.signal },
        this.counter,
      ),
    );
    return body;
  }
}
