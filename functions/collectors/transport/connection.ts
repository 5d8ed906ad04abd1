import { Refusal } from './refusal.ts';

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL']);
const BROKEN = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTCONN',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'REQUEST_SEND_ERROR',
  'UND_ERR_SOCKET',
]);
const LATE = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ABORT_ERR',
  'AbortError',
  'TimeoutError',
  'RequestTimeout',
  'UND_ERR_ABORTED',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);
/** What OpenSSL says when the other side answers a handshake in plain text. */
const PLAIN_TEXT =
  /WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|UNEXPECTED_MESSAGE/;
const PLAIN_TEXT_MESSAGE =
  /wrong version number|http request|packet length too long|record layer failure|unknown protocol/i;
/** Verification results of OpenSSL as Node reports them (Node.js TLS documentation, "X509 certificate error codes"). */
const CERTIFICATE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_(?:CERT|CRL)_|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_)/;
const TLS = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL_)/;
const COMPRESSION = /^(?:Z_|ERR_ZLIB|ERR_BROTLI|ERR__ERROR_FORMAT|ERR_PADDING|ZSTD_)/;

export interface Peer {
  /** Name and port; left out where the caller does not know it. */
  readonly host?: string | undefined;
  /** The name leads to private addresses only: silence then means that nothing leads there. */
  readonly isPrivate?: boolean;
}

/** What an error of the connection means, the same for every provider. Undefined where the error is none of the connection. */
export function connectionRefusal(error: unknown, { host, isPrivate = false }: Peer = {}): Refusal | undefined {
  const say = (reason: Refusal['reason'], text: string) =>
    new Refusal(reason, host === undefined || host === '' ? text : `${host}: ${text}`, { cause: error });
  const code = connectionCode(error);
  const advice = isPrivate ? '; a private endpoint: scan from a network that reaches it' : '';
  if (UNRESOLVED.has(code)) return say('unreachable', 'the name does not resolve');
  if (CERTIFICATE.test(code)) return say('tls', `the certificate is not trusted (${code})`);
  if (TLS.test(code))
    return PLAIN_TEXT.test(code) || PLAIN_TEXT_MESSAGE.test(messages(error))
      ? say('tls', 'the server does not use TLS, but its address is https')
      : say('tls', `the TLS connection failed (${code})`);
  if (BROKEN.has(code)) return say('unreachable', `no connection (${code})${advice}`);
  // No connection within its time is no route to a private address; a response that does not come is just late.
  if (isPrivate && code === 'ETIMEDOUT') return say('unreachable', `no connection (${code})${advice}`);
  if (LATE.has(code)) return say('timeout', 'no response in time');
  if (code.startsWith('HPE_')) return say('malformed-answer', `the response is not HTTP (${code})`);
  if (COMPRESSION.test(code)) return say('malformed-answer', `the response cannot be decompressed (${code})`);
  if (/redirect/i.test(messages(error))) return say('malformed-answer', 'the response is a redirect');
  return undefined;
}

/** Node's code of the error or of what caused it; else the name, which tells time-outs and aborts. */
function connectionCode(error: unknown): string {
  for (let inner: unknown = error; typeof inner === 'object' && inner !== null; inner = causeOf(inner))
    if ('code' in inner && typeof inner.code === 'string' && isConnectionCode(inner.code)) return inner.code;
  for (let inner: unknown = error; inner instanceof Error; inner = causeOf(inner))
    if (LATE.has(inner.name)) return inner.name;
  return '';
}

function isConnectionCode(code: string): boolean {
  return (
    UNRESOLVED.has(code) ||
    BROKEN.has(code) ||
    LATE.has(code) ||
    code.startsWith('HPE_') ||
    [CERTIFICATE, TLS, COMPRESSION].some((pattern) => pattern.test(code))
  );
}

function causeOf(error: object): unknown {
  return 'cause' in error && error.cause !== error ? error.cause : undefined;
}

function messages(error: unknown): string {
  return error instanceof Error ? `${error.message} ${messages(causeOf(error))}` : '';
}

/** Whether the other side was not there at all: asking again at once gets the same. */
export function isDefinite({ cause }: Refusal): boolean {
  const code = connectionCode(cause);
  return ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(code);
}

/** Nobody has the name: a service that is not offered here has no address. */
export function isUnresolved({ cause }: Refusal): boolean {
  return connectionCode(cause) === 'ENOTFOUND';
}
