import type { ClassicAnswer } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmHttp } from './http.ts';

/**
 * On the classic host a GET can change things: `SoftLayer_Network/enableVrf` converts an account irreversibly, and connect and disconnect of the
 * endpoint service are GETs too. So exactly these paths leave this client, and everything else is refused before a socket opens.
 * Source: SoftLayer Development Network, SoftLayer_Network.
 */
const ALLOWED_PATHS = ['SoftLayer_Network/isConnectedToPrivateEndpointService.json'] as const;

/** The present network configuration does not allow the endpoint service: an answer, whatever HTTP status it travels with. */
const NOT_READY = 'SoftLayer_Exception_NotReady';

/** What one request can tell. */
export type SingleAnswer = Exclude<ClassicAnswer, 'not-ready-once'>;

export class ForbiddenPath extends Error {
  override readonly name = 'ForbiddenPath';
}

export async function classicRequest(
  http: IbmHttp,
  base: string,
  path: string,
  token: string,
  counter: { calls: number },
  signal: AbortSignal,
): Promise<unknown> {
  if (!(ALLOWED_PATHS as readonly string[]).includes(path)) {
    throw new ForbiddenPath(`${path} is not among the paths that may be read on the classic host`);
  }
  const { body } = await http.json(
    { url: `${base}/${path}`, headers: { authorization: `Bearer ${token}` }, signal, answers: [NOT_READY] },
    counter,
  );
  return body;
}

/** Accepts the bare JSON booleans and the one error code, nothing else. */
export async function isConnectedToPrivateEndpointService(
  http: IbmHttp,
  base: string,
  token: string,
  counter: { calls: number },
  signal: AbortSignal,
): Promise<SingleAnswer> {
  const body = await classicRequest(http, base, ALLOWED_PATHS[0], token, counter, signal);
  if (body === true) return 'true';
  if (body === false) return 'false';
  if (typeof body === 'object' && body !== null && 'code' in body && body.code === NOT_READY) return 'not-ready';
  throw new Refusal('malformed-answer', `expected true or false, found ${JSON.stringify(body).slice(0, 80)}`);
}
