import type { UnknownReason } from '#domain/reason.ts';

export interface RefusalDetails {
  /** HTTP status, where there was a response. */
  readonly status?: number | undefined;
  /** The service's own error code, where the body carried one. */
  readonly code?: string | undefined;
  /** Milliseconds that the service asked to wait. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A request that got no usable response, with the reason that findings carry. Holds neither headers nor a request's body: secrets are in them. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly reason: UnknownReason;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(reason: UnknownReason, message: string, details: RefusalDetails = {}) {
    super(message, { cause: details.cause });
    this.reason = reason;
    this.status = details.status;
    this.code = details.code;
    this.retryAfter = details.retryAfter;
  }
}

/** The response is cut at its limit. Lists are asked for again in smaller pages. */
export class TooLarge extends Refusal {
  override readonly name = 'TooLarge';
}

/** A refusal, or the one that a library wrapped into an error of its own. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  return error instanceof Error && error.cause !== error ? refusalIn(error.cause) : undefined;
}

export function timeIsOver(cause?: unknown): Refusal {
  return new Refusal('timeout', 'the time limit of this target has passed', { cause });
}

/** What an HTTP status means where the service's own code says nothing else. */
export function reasonOfStatus(status: number): UnknownReason {
  if (status === 401) return 'credentials';
  if (status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unreachable' : 'malformed-answer';
}
