import type { UnknownReason } from '#domain/reason.ts';

/** A call that did not answer, with the reason that findings carry. Never holds a token. */
export class ApiFailure extends Error {
  readonly reason: UnknownReason;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(reason: UnknownReason, message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiFailure';
    this.reason = reason;
    this.status = status;
  }
}

/** TLS errors of Node and OpenSSL: the certificate or its authority is not the one expected. */
const TLS = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|ERR_OSSL|EPROTO/;

/** A connection that broke before an answer. `host` is named with its port; `isPrivate` tells whether the host's name leads to private addresses only. */
export function connectionFailure(
  error: Error & { readonly code?: unknown },
  host: string,
  isPrivate: boolean,
): ApiFailure {
  const code = typeof error.code === 'string' ? error.code : error.name;
  if (TLS.test(code))
    return new ApiFailure('tls', `${host}: the certificate is not trusted (${code})`, undefined, { cause: error });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ApiFailure('unreachable', `${host}: the name does not resolve`, undefined, { cause: error });
  }
  // Connected, and then silence: that the address is private explains nothing.
  if (code === 'ABORT_ERR' || code === 'TimeoutError') {
    return new ApiFailure('timeout', `${host}: no answer in time`, undefined, { cause: error });
  }
  if (code === 'ETIMEDOUT' && !isPrivate)
    return new ApiFailure('timeout', `${host}: no answer in time`, undefined, { cause: error });
  const advice = isPrivate ? '; a private endpoint: scan from a network that reaches it' : '';
  return new ApiFailure('unreachable', `${host}: no connection (${code})${advice}`, undefined, { cause: error });
}

/** An answer that is a refusal. The verb and the resource stand in `path`. */
export function statusFailure(status: number, path: string, text: string): ApiFailure {
  const said = statusMessage(text);
  switch (status) {
    case 401:
      return new ApiFailure(
        'credentials',
        `401 Unauthorized: the token or certificate is expired or not accepted${said}`,
        status,
      );
    case 403:
      return new ApiFailure('denied', `403 Forbidden: ${path}${said}`, status);
    case 404:
      return new ApiFailure('not-found', `404 Not Found: ${path}`, status);
    case 410:
      return new ApiFailure('truncated', `410 Gone: the list of ${path} expired while it was read`, status);
    case 429:
      return new ApiFailure('throttled', `429 Too Many Requests: ${path}`, status);
    default:
      return status >= 500
        ? new ApiFailure('unreachable', `${status} from the API server: ${path}${said}`, status)
        : new ApiFailure('malformed-answer', `${status} from the API server: ${path}`, status);
  }
}

/** The `message` of a Status object, shortened. */
function statusMessage(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    const message = typeof status === 'object' && status !== null && 'message' in status ? status.message : undefined;
    return typeof message === 'string' ? ` (${message.slice(0, 200)})` : '';
  } catch {
    // A proxy's page instead of a Status object: the code alone speaks.
    return '';
  }
}
