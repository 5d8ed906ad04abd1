import type { Unavailable } from '#domain/collected.ts';
import { unavailable } from '#domain/collected.ts';
import { classify } from './errors.ts';
import type { AwsOptions } from './options.ts';
import type { AwsSession, Counter, Keys } from './session.ts';

/** Credentials that end within this time are renewed before they are used. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Enters accounts, once each: credentials are kept in memory until shortly before they expire. */
export class Accounts {
  readonly #session: AwsSession;
  readonly #options: AwsOptions;
  readonly #entered = new Map<string, Promise<Keys>>();

  constructor(session: AwsSession, options: AwsOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Keys for the account; undefined means the caller's own credentials. Throws what STS threw. */
  async enter(account: string, partition: string, counter: Counter, signal: AbortSignal): Promise<Keys | undefined> {
    const { roleName, externalId } = this.#options;
    if (roleName === undefined) return undefined;
    const known = await this.#entered.get(account)?.catch(() => undefined);
    if (known !== undefined && !expiresSoon(known)) return known;
    const entering = this.#session.assumeRole(
      `arn:${partition}:iam::${account}:role/${roleName}`,
      externalId,
      counter,
      signal,
    );
    this.#entered.set(account, entering);
    return entering;
  }

  /** The same as data. */
  async tryEnter(
    account: string,
    partition: string,
    counter: Counter,
    signal: AbortSignal,
  ): Promise<{ readonly keys: Keys | undefined } | Unavailable> {
    try {
      return { keys: await this.enter(account, partition, counter, signal) };
    } catch (error) {
      const { reason, message } = classify(error, true);
      return unavailable(reason, `account ${account} cannot be entered: ${message}`, 'sts:AssumeRole');
    }
  }
}

function expiresSoon({ expiration }: Keys): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < RENEW_BEFORE_MS;
}
