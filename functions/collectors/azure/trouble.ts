import type { UnknownReason } from '#domain/reason.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal, reasonOfStatus, refusalIn } from '../transport/refusal.ts';

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
export function troubleOfStatus(what: string, status: number, body: unknown): Refusal {
  const { code, message } = armWords(body);
  const words = [code, message].filter((part) => part !== '').join(': ') || `HTTP ${status} without an explanation`;
  return new Refusal(reasonOf(status, code), `${what}: ${words}`, { status, code });
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
  if (status === 501 || NOT_OFFERED.has(code)) return 'not-found';
  return reasonOfStatus(status);
}

/** What a request that threw means: the SDK's `RestError`, Identity's errors, `AbortError`, or a `TypeError` from a deserialiser. */
export function troubleOfError(what: string, error: unknown): Refusal {
  const known = refusalIn(error);
  if (known !== undefined) return known;
  const { name, code, statusCode, message, request } = error as {
    name?: unknown;
    code?: unknown;
    statusCode?: unknown;
    message?: unknown;
    request?: { readonly url?: unknown };
  };
  const words = typeof message === 'string' ? (message.split('\n')[0] ?? '') : String(error);
  const make = (reason: UnknownReason, text = words) => new Refusal(reason, `${what}: ${text}`, { cause: error });
  if (typeof name === 'string' && /^(?:Authentication|AggregateAuthentication|CredentialUnavailable)/.test(name))
    return make('credentials');
  if (typeof statusCode === 'number' && statusCode !== 200)
    return new Refusal(reasonOf(statusCode, ''), `${what}: ${words}`, { status: statusCode, cause: error });
  if (code === 'PARSE_ERROR') return make('malformed-answer', 'the response is not JSON');
  const url = typeof request?.url === 'string' ? URL.parse(request.url) : null;
  return connectionRefusal(error, { host: url?.host }) ?? make('malformed-answer');
}
