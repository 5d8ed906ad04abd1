import { StandardRetryStrategy } from '@smithy/core/retry';

/** A request that hangs is sent once more; seven times would eat the whole target's time. */
export const ATTEMPTS_AFTER_TIMEOUT = 2;

/**
 * The SDK's own classification of what is worth a repeat, with waits that outlast a throttle (`backoff`: milliseconds before the given
 * repeat), and few repeats after a time-out.
 */
export function retries(maxAttempts: number, backoff: (attempt: number) => number): StandardRetryStrategy {
  return new PatientRetries({
    maxAttempts,
    backoff: { computeNextBackoffDelay: backoff, setDelayBase: () => undefined },
  });
}

type Refresh = StandardRetryStrategy['refreshRetryTokenForRetry'];

class PatientRetries extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
    if (isTimeout(info.error) && token.getRetryCount() + 1 >= ATTEMPTS_AFTER_TIMEOUT) throw info.error;
    return super.refreshRetryTokenForRetry(token, info);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError' && !('code' in error && error.code !== 'ETIMEDOUT');
}
