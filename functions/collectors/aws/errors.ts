import type { UnknownReason } from '#domain/reason.ts';

/** A refusal as the SDK for JavaScript v3 shows it, put into the catalogue's words. */
export interface Refusal {
  readonly reason: UnknownReason;
  /** For people: the error's name and text, without request ids. */
  readonly message: string;
}

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
  'AuthorizationErrorException',
  'ForbiddenException',
]);
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const EXPIRED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
  'CredentialsProviderError',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'IncompleteSignature',
]);
/** The same names mean a disabled region or bad credentials; which of the two, the region's opt-in status tells. */
const REGION_OR_CREDENTIALS = new Set([
  'AuthFailure',
  'OptInRequired',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'RegionDisabledException',
]);
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'EAI_AGAIN',
]);
const TIMEOUT = new Set([
  'TimeoutError',
  'AbortError',
  'RequestTimeout',
  'RequestTimeoutException',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
]);
const TLS = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;
/** Not the bare `NotFound`: that is what the SDK makes of an HTML page with status 404. */
const NOT_FOUND =
  /(\.NotFound|\w(NotFoundException)|NoSuchEntity(Exception)?|NoSuchHostedZone|InvalidInstanceType|LaunchTemplateId\.NotFoundException)$/;

/** Whether AWS said positively that the thing is not there. */
export function isNotFound(error: unknown): boolean {
  return NOT_FOUND.test(nameOf(error));
}

export function isNotInOrganization(error: unknown): boolean {
  return nameOf(error) === 'AWSOrganizationsNotInUseException';
}

/**
 * Classifies what a call threw. Sources: service models of EKS, EC2, STS and Organizations; retry constants of @smithy/core. Which code a disabled
 * region really answers is not documented per service, so a set decides together with `regionEnabled`.
 */
export function classify(error: unknown, regionEnabled: boolean): Refusal {
  const name = nameOf(error);
  const text = error instanceof Error ? error.message : String(error);
  // The SDK adds advice for its own debugging to what it could not parse.
  const [plain = ''] = text.replaceAll(/\s+/g, ' ').split(/ ?Deserialization error: to see the raw response/, 1);
  return {
    reason: reasonOf(error, name, text, regionEnabled),
    message: inWords(error, name, withoutToken(plain).slice(0, 300)),
  };
}

/** A parser's complaint about a page that a proxy sent says little to who has never seen the parser. */
function inWords(error: unknown, name: string, text: string): string {
  if (isBrokenBody(error) || / JSON\b/.test(text)) return `what came is no answer of this API: ${text}`;
  if (name === 'NotFound') return 'what came is no answer of this API: a page with HTTP 404';
  // Thrown here, about an answer that lacks what it has to hold.
  return name === 'SyntaxError' ? text : `${name}: ${text}`;
}

/** A refused signature is explained by the request as it was signed, the session's token with it. */
function withoutToken(text: string): string {
  return text.replaceAll(/(x-amz-security-token:) ?\S+/gi, '$1 (secret)');
}

function reasonOf(error: unknown, name: string, text: string, regionEnabled: boolean): UnknownReason {
  const code = codeOf(error);
  if (THROTTLED.has(name) || statusOf(error) === 429) return 'throttled';
  if (/service control policy|resource control policy/i.test(text)) return 'denied-by-policy';
  if (DENIED.has(name)) return 'denied';
  if (name === 'AWSOrganizationsNotInUseException') return 'not-found';
  if (EXPIRED.has(name) || /expired/i.test(name)) return 'credentials';
  if (REGION_OR_CREDENTIALS.has(name))
    return regionEnabled && name !== 'RegionDisabledException' && name !== 'OptInRequired'
      ? 'credentials'
      : 'region-disabled';
  // The SDK calls a reset connection a TimeoutError; Node's own code tells them apart.
  if (UNREACHABLE.has(code) || UNREACHABLE.has(name)) return 'unreachable';
  if (TIMEOUT.has(name) || TIMEOUT.has(code)) return 'timeout';
  if (TLS.test(code)) return 'tls';
  if (NOT_FOUND.test(name)) return 'not-found';
  if (name === 'SyntaxError' || isBrokenBody(error)) return 'malformed-answer';
  const status = statusOf(error);
  if (status === 401) return 'credentials';
  if (status === 403) return 'denied';
  return status !== undefined && status >= 500 ? 'unreachable' : 'malformed-answer';
}

/** The SDK wraps a body that it could not parse and keeps the raw answer beside it. */
function isBrokenBody(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$responseBodyText' in error;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

/** Node's code of the error or of what caused it. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  return typeof metadata === 'object' &&
    metadata !== null &&
    'httpStatusCode' in metadata &&
    typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}
