import type { Unavailable } from '#domain/collected.ts';
import { unavailable } from '#domain/collected.ts';
import { classify } from './errors.ts';
import type { AwsOptions } from './options.ts';
import type { AwsSession, Counter, KeySource, Keys } from './session.ts';

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
    const arn = `arn:${partition}:iam::${account}:role/${roleName}`;
    // Targets of one account start together: whoever comes while one is entering waits for that.
    const current = this.#entered.get(account);
    const entering = (current ?? Promise.resolve(undefined)).then(
      (known) =>
        known !== undefined && !expiresSoon(known) ? known : this.#session.assumeRole(arn, externalId, counter, signal),
      () => this.#session.assumeRole(arn, externalId, counter, signal),
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
  ): Promise<{ readonly keys: KeySource } | Unavailable> {
    try {
      const keys = await this.enter(account, partition, counter, signal);
      if (keys === undefined) return { keys: undefined };
      // Asked again by the client shortly before the keys expire, so that a long scan does not end in the middle.
      return { keys: async () => (await this.enter(account, partition, counter, signal)) ?? keys };
    } catch (error) {
      const { reason, message } = classify(error, true);
      return unavailable(reason, `account ${account} cannot be entered: ${message}`, 'sts:AssumeRole');
    }
  }
}

function expiresSoon({ expiration }: Keys): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < RENEW_BEFORE_MS;
}
