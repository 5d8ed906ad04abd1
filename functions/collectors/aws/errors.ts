import type { UnknownReason } from '#domain/reason.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal, reasonOfStatus, refusalIn } from '../transport/refusal.ts';
import { retryAfterOf } from '../transport/retry-after.ts';

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
/** Time-outs that a service reports itself; those of the connection are the transport's. */
const TIMEOUT = new Set(['RequestTimeout', 'RequestTimeoutException']);
/** Not the bare `NotFound`: that is what the SDK makes of an HTML page with status 404. */
const NOT_FOUND =
  /(\.NotFound|\w(NotFoundException)|NoSuchEntity(Exception)?|NoSuchHostedZone|(TargetGroup|LoadBalancer)NotFound|InvalidInstanceType|LaunchTemplateId\.NotFoundException)$/;

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
  const known = refusalIn(error);
  if (known !== undefined) return known;
  const name = nameOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);
  const reason = reasonOf(error, name, text, regionEnabled);
  if (reason === undefined && status === undefined) {
    const broken = connectionRefusal(error);
    if (broken !== undefined) return broken;
  }
  // The SDK adds advice for its own debugging to what it could not parse.
  const [plain = ''] = text.replaceAll(/\s+/g, ' ').split(/ ?Deserialization error: to see the raw response/, 1);
  return new Refusal(reason ?? reasonOfUnnamed(status), inWords(error, name, withoutToken(plain).slice(0, 300)), {
    status,
    code: name,
    retryAfter: retryAfterOf(headerOf(error, 'retry-after'), Date.now()),
    cause: error,
  });
}

/** A parser's complaint about a page that a proxy sent says little to who has never seen the parser. */
function inWords(error: unknown, name: string, text: string): string {
  if (isBrokenBody(error) || / JSON\b/.test(text)) return `the response is not from this API: ${text}`;
  if (name === 'NotFound') return 'the response is not from this API: a page with HTTP 404';
  // Thrown here, about a response that lacks what it has to hold.
  return name === 'SyntaxError' ? text : `${name}: ${text}`;
}

/** A refused signature is explained by the request as it was signed, the session's token with it. */
function withoutToken(text: string): string {
  return text.replaceAll(/(x-amz-security-token:) ?\S+/gi, '$1 (secret)');
}

function reasonOf(error: unknown, name: string, text: string, regionEnabled: boolean): UnknownReason | undefined {
  if (THROTTLED.has(name) || statusOf(error) === 429) return 'throttled';
  if (/service control policy|resource control policy/i.test(text)) return 'denied-by-policy';
  if (DENIED.has(name)) return 'denied';
  if (name === 'AWSOrganizationsNotInUseException') return 'not-found';
  if (EXPIRED.has(name) || /expired/i.test(name)) return 'credentials';
  if (REGION_OR_CREDENTIALS.has(name))
    return regionEnabled && name !== 'RegionDisabledException' && name !== 'OptInRequired'
      ? 'credentials'
      : 'region-disabled';
  if (TIMEOUT.has(name) && statusOf(error) !== undefined) return 'timeout';
  if (NOT_FOUND.test(name)) return 'not-found';
  return name === 'SyntaxError' || isBrokenBody(error) ? 'malformed-answer' : undefined;
}

/** The bare status of an error that has no name of AWS. A page with 404 is some other server's: AWS names what is not there. */
function reasonOfUnnamed(status: number | undefined): UnknownReason {
  const reason = status === undefined ? 'malformed-answer' : reasonOfStatus(status);
  return reason === 'not-found' ? 'malformed-answer' : reason;
}

/** The SDK wraps a body that it could not parse and keeps the raw answer beside it. */
function isBrokenBody(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$responseBodyText' in error;
}

/** AWS's name of the error, which a refusal keeps as its code. */
function nameOf(error: unknown): string {
  if (error instanceof Refusal) return error.code ?? '';
  return error instanceof Error ? error.name : 'Error';
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

function headerOf(error: unknown, header: string): string | undefined {
  const headers = (error as { $response?: { headers?: Readonly<Record<string, unknown>> } } | undefined)?.$response
    ?.headers;
  const value = headers?.[header];
  return typeof value === 'string' ? value : undefined;
}
