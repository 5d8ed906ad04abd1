import type { UnknownReason } from '#domain/reason.ts';

/** A request that gave no usable answer. The only error that leaves the transport. */
export class ArmTrouble extends Error {
  override readonly name = 'ArmTrouble';
  readonly reason: UnknownReason;
  readonly status: number | undefined;

  constructor(reason: UnknownReason, message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.status = status;
  }
}

/** ARM's own words, kept whole: they name the scope and the action that were refused. `{error: {code, message}}` is ARM's envelope. */
function armWords(body: unknown): { readonly code: string; readonly message: string } {
  const envelope = isRecord(body) && isRecord(body['error']) ? body['error'] : isRecord(body) ? body : {};
  const { code, message } = envelope as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an answer other than 200 means. Codes: "Common Azure Resource Manager errors" and the Azure Policy deny code. */
export function troubleOfStatus(what: string, status: number, body: unknown): ArmTrouble {
  const { code, message } = armWords(body);
  const words = [code, message].filter((part) => part !== '').join(': ') || `HTTP ${status} without an explanation`;
  return new ArmTrouble(reasonOf(status, code), `${what}: ${words}`, status);
}

/** ARM does not know the kind of resource here: its provider is not registered in the subscription, or the cloud has no such API. */
const NOT_OFFERED = new Set([
  'NoRegisteredProviderFound',
  'MissingSubscriptionRegistration',
  'InvalidResourceType',
  'InvalidResourceNamespace',
]);

function reasonOf(status: number, code: string): UnknownReason {
  if (code === 'RequestDisallowedByPolicy' || code === 'DenyAssignmentAuthorizationFailed') return 'denied-by-policy';
  if (status === 401) return 'credentials';
  if (status === 403) return 'denied';
  if (status === 404 || status === 501 || NOT_OFFERED.has(code)) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unreachable';
  return 'malformed-answer';
}

const TLS = /^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** What a request that threw means: the SDK's `RestError`, Identity's errors, `AbortError`, or a `TypeError` from a deserialiser. */
export function troubleOfError(what: string, error: unknown): ArmTrouble {
  if (error instanceof ArmTrouble) return error;
  const { name, code, statusCode, message } = error as {
    name?: unknown;
    code?: unknown;
    statusCode?: unknown;
    message?: unknown;
  };
  const words = typeof message === 'string' ? (message.split('\n')[0] ?? '') : String(error);
  const make = (reason: UnknownReason, text = words) =>
    new ArmTrouble(reason, `${what}: ${text}`, undefined, { cause: error });
  if (name === 'AbortError' || name === 'TimeoutError') return make('timeout', 'no answer before the deadline');
  if (typeof name === 'string' && /^(?:Authentication|AggregateAuthentication|CredentialUnavailable)/.test(name))
    return make('credentials');
  if (code === 'PARSE_ERROR') return make('malformed-answer', 'the answer is not JSON');
  if (typeof code === 'string' && TLS.test(code)) return make('tls');
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') return make('timeout');
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) return make('unreachable', `${code}: ${words}`);
  if (typeof statusCode === 'number' && statusCode !== 200)
    return new ArmTrouble(reasonOf(statusCode, ''), `${what}: ${words}`, statusCode, { cause: error });
  return make('malformed-answer');
}
