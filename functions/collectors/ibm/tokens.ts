import * as v from 'valibot';
import { LIMITS } from '../transport/body.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmHttp } from './http.ts';
import type { IbmAccountOptions, IbmEndpoints } from './options.ts';

const TokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.minLength(1)),
  expires_in: v.pipe(v.number(), v.minValue(1)),
});

/** What the token itself says about whom it is for (claims `account.bss` and `account.ims`). */
export interface TokenAccount {
  readonly bss: string | undefined;
  readonly ims: string | undefined;
}

export interface Token {
  readonly text: string;
  readonly account: TokenAccount;
  readonly renewAt: number;
}

/** Accounts may shorten the lifetime to 900 seconds: renewed at four fifths of what the answer says. */
const RENEW_AT = 0.8;

/** One token per account, exchanged once however many ask, renewed in time, and dropped when the API refuses it. */
export class Tokens {
  readonly #http: IbmHttp;
  readonly #endpoints: IbmEndpoints;
  readonly #now: () => number;
  readonly #known = new Map<string, Promise<Token>>();

  constructor(http: IbmHttp, endpoints: IbmEndpoints, now: () => number) {
    this.#http = http;
    this.#endpoints = endpoints;
    this.#now = now;
  }

  async of(account: IbmAccountOptions, counter: { calls: number }, signal: AbortSignal): Promise<Token> {
    for (;;) {
      const held = this.#known.get(account.id);
      if (held === undefined) return this.#renew(account, counter, signal);
      // Whoever comes while an exchange is under way shares it.
      const token = await held;
      if (token.renewAt > this.#now()) return token;
      this.#drop(account.id, held);
    }
  }

  /** Sends with the account's token; a 401 is answered by exactly one new exchange, because tokens end in mid-scan. */
  async use<T>(
    account: IbmAccountOptions,
    counter: { calls: number },
    signal: AbortSignal,
    send: (token: string) => Promise<T>,
  ): Promise<T> {
    const first = await this.of(account, counter, signal);
    try {
      return await send(first.text);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      await this.#forget(account.id, first);
      return send((await this.of(account, counter, signal)).text);
    }
  }

  /** The API refused this token. Another that was exchanged meanwhile stays. */
  async #forget(account: string, refused: Token): Promise<void> {
    const held = this.#known.get(account);
    if (held !== undefined && (await held) === refused) this.#drop(account, held);
  }

  #renew(account: IbmAccountOptions, counter: { calls: number }, signal: AbortSignal): Promise<Token> {
    const fresh = this.#exchange(account, counter, signal);
    this.#known.set(account.id, fresh);
    fresh.catch(() => this.#drop(account.id, fresh));
    return fresh;
  }

  /** Of several that find the same token at its end, one drops it and the others find the next. */
  #drop(account: string, held: Promise<Token>): void {
    if (this.#known.get(account) === held) this.#known.delete(account);
  }

  async #exchange(
    { apiKey, profileId, id }: IbmAccountOptions,
    counter: { calls: number },
    signal: AbortSignal,
  ): Promise<Token> {
    const own = await this.#ask(
      { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: apiKey, response_type: 'cloud_iam' },
      counter,
      signal,
    );
    if (profileId === undefined) return own;
    const named = profileId.startsWith('crn:')
      ? { profile_crn: profileId }
      : profileId.startsWith('Profile-')
        ? { profile_id: profileId }
        : { profile_name: profileId, account: id };
    return this.#ask(
      { grant_type: 'urn:ibm:params:oauth:grant-type:assume', access_token: own.text, ...named },
      counter,
      signal,
    );
  }

  async #ask(form: Readonly<Record<string, string>>, counter: { calls: number }, signal: AbortSignal): Promise<Token> {
    const { body } = await this.#http.json(
      {
        url: `${this.#endpoints.iam}/identity/token`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        signal,
        limit: LIMITS.token,
      },
      counter,
    );
    const parsed = v.safeParse(TokenAnswer, body);
    if (!parsed.success) throw new Refusal('malformed-answer', 'the token answer lacks access_token or expires_in');
    const { access_token: text, expires_in: seconds } = parsed.output;
    return { text, account: claimsOf(text), renewAt: this.#now() + seconds * 1000 * RENEW_AT };
  }
}

/** Read, not verified: the API checks the signature; this only guards against judging one account by another's answers. */
function claimsOf(token: string): TokenAccount {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      account?: { bss?: unknown; ims?: unknown };
    };
    const { bss, ims } = claims.account ?? {};
    return {
      bss: typeof bss === 'string' ? bss : undefined,
      ims: ims === undefined || ims === null ? undefined : String(ims),
    };
  } catch {
    // An opaque token names no account; that is not the same as naming another one.
    return { bss: undefined, ims: undefined };
  }
}
