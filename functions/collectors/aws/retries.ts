import { StandardRetryStrategy } from '@smithy/core/retry';
import { type Patience, waitAfter } from '../transport/retry.ts';
import { classify } from './errors.ts';

type Refresh = StandardRetryStrategy['refreshRetryTokenForRetry'];

/** The transport's retry as the SDK asks for it: the SDK's own gives up on EC2's throttles after 0.2 s, and repeats a time-out as often as a throttle. */
export class Retries extends StandardRetryStrategy {
  readonly #patience: Patience;

  constructor(patience: Patience) {
    super(patience.attempts);
    this.#patience = patience;
  }

  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
    const attempt = token.getRetryCount() + 1;
    const refusal = classify(info.error, true);
    // A signature that was refused for the time in it: the SDK has set its clock by the response.
    const isClockSet =
      attempt === 1 && info.errorType === 'TRANSIENT' && refusal.status !== undefined && refusal.status < 500;
    const wait = isClockSet ? 0 : waitAfter(refusal, attempt, this.#patience);
    if (wait === undefined) throw info.error;
    return { getRetryCount: () => attempt, getRetryDelay: () => wait, getRetryCost: () => 0 };
  }
}
