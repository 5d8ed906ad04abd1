import { setTimeout as delay } from 'node:timers/promises';
import type { UnknownReason } from '#domain/reason.ts';
import { LIMITS, parseJson, readText } from '../transport/body.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal, reasonOfStatus, timeIsOver } from '../transport/refusal.ts';
import { pause, repeat, type Sleep } from '../transport/retry.ts';
import { retryAfterOf } from '../transport/retry-after.ts';

export interface HttpDependencies {
  readonly fetch?: typeof fetch;
  /** Ends early when the signal aborts. */
  readonly sleep?: Sleep;
  readonly now?: () => number;
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Error codes that are answers: such a body is given back and never repeated, whatever the status. */
  readonly answers?: readonly string[];
  /** Most bytes of the response; those of an API's answer unless told otherwise. */
  readonly limit?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 15_000;
const ATTEMPTS = 4;
/** OpenShift on IBM Cloud, limitations: 200 requests in 10 seconds per source address. Kept with a margin, over all accounts of this process. */
const WINDOW_MS = 10_000;
const WINDOW_REQUESTS = 180;

/** One pace for everything that leaves this process towards IBM Cloud. */
export class IbmHttp {
  readonly #fetch: typeof fetch;
  readonly #sleep: Sleep;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #attempts: number;
  readonly #sent: number[] = [];

  constructor({
    fetch: send = fetch,
    sleep = (ms, signal) => delay(ms, undefined, { signal }),
    now = Date.now,
    timeoutMs = TIMEOUT_MS,
    attempts = ATTEMPTS,
  }: HttpDependencies) {
    this.#fetch = send;
    this.#sleep = sleep;
    this.#now = now;
    this.#timeoutMs = timeoutMs;
    this.#attempts = attempts;
  }

  /** Sends with bounded repeats on 429, 5xx and broken connections. Every attempt counts. */
  json(request: HttpRequest, counter: { calls: number }): Promise<HttpAnswer> {
    const patience = { attempts: this.#attempts, attemptsAfterTimeout: 1, backoff };
    return repeat(
      async () => {
        await this.#pace(request);
        counter.calls += 1;
        try {
          return await this.#once(request);
        } catch (error) {
          throw error instanceof Refusal ? error : this.#refusalOf(error, request);
        }
      },
      { patience, sleep: this.#sleep, signal: request.signal },
    );
  }

  async #once(request: HttpRequest): Promise<HttpAnswer> {
    const { url, method = 'GET', headers, body, signal, answers = [], limit = LIMITS.answer } = request;
    const answer = await this.#fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      // A redirect would take the token to another host.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      ...(body === undefined ? {} : { body }),
    });
    const text = await readText(answer, limit);
    const parsed = parseJson(text);
    const code = codeOf(parsed);
    // The code comes before the status: a definite answer may travel with HTTP 500.
    if (code !== undefined && answers.includes(code)) return { status: answer.status, body: parsed };
    if (answer.ok && code?.startsWith('SoftLayer_Exception') !== true) {
      if (parsed === undefined)
        throw new Refusal('malformed-answer', text === '' ? 'the response is empty' : 'the response is not JSON', {
          status: answer.status,
        });
      return { status: answer.status, body: parsed };
    }
    const said = describe(answer.status, parsed, text, request);
    throw new Refusal(reasonOf(answer.status, code, said), said, {
      status: answer.status,
      code,
      retryAfter: retryAfterOf(answer.headers.get('retry-after'), Date.now()),
    });
  }

  async #pace(request: HttpRequest): Promise<void> {
    for (;;) {
      const now = this.#now();
      while (this.#sent.length > 0 && (this.#sent[0] ?? now) <= now - WINDOW_MS) this.#sent.shift();
      if (this.#sent.length < WINDOW_REQUESTS) {
        this.#sent.push(now);
        return;
      }
      await pause((this.#sent[0] ?? now) + WINDOW_MS - now, this.#sleep, request.signal);
    }
  }

  #refusalOf(error: unknown, { signal, url }: HttpRequest): Refusal {
    if (signal.aborted) return timeIsOver(error);
    const host = URL.parse(url)?.host;
    return connectionRefusal(error, { host }) ?? new Refusal('unreachable', `${host}: no connection`, { cause: error });
  }
}

const backoff = (attempt: number) => Math.random() * 500 * 2 ** attempt;

function codeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, errorCode } = body as { code?: unknown; errorCode?: unknown };
  return typeof code === 'string' ? code : typeof errorCode === 'string' ? errorCode : undefined;
}

function reasonOf(status: number, code: string | undefined, said: string): UnknownReason {
  if (code === 'SoftLayer_Exception_Public') return 'credentials';
  // An identity that the classic API cannot map to an IBMid; it travels with HTTP 500 and stays so however often it is asked.
  if (code === 'SoftLayer_Exception' && said.includes('Failed to exchange token')) return 'credentials';
  // IAM answers an unknown key with 400, and its codes begin with BXNIM.
  if (code?.startsWith('BXNIM') === true && status < 500 && status !== 429)
    return status === 403 ? 'denied' : 'credentials';
  return reasonOfStatus(status);
}

function describe(status: number, body: unknown, text: string, request: HttpRequest): string {
  const { description, error, errorMessage, errors, incidentID } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, unknown>;
  const first = Array.isArray(errors) ? (errors[0] as { message?: unknown } | undefined)?.message : undefined;
  const said = [description, errorMessage, error, first].find((part) => typeof part === 'string') ?? text;
  const incident = typeof incidentID === 'string' ? ` (incident ${incidentID})` : '';
  // Cut last: half a secret would not be recognised.
  return `HTTP ${status}: ${withoutSecrets(String(said), request).replaceAll(/\s+/g, ' ').slice(0, 200)}${incident}`;
}

/** A service may repeat what it was sent; messages end in findings and alerts. */
function withoutSecrets(said: string, { headers, body }: HttpRequest): string {
  const form = new URLSearchParams(body);
  const secrets = [form.get('apikey'), form.get('access_token'), headers?.['authorization']?.replace(/^Bearer /, '')];
  return secrets.reduce<string>(
    (text, secret) =>
      secret ? text.replaceAll(secret, '(secret)').replaceAll(encodeURIComponent(secret), '(secret)') : text,
    said,
  );
}
