import { setTimeout as delay } from 'node:timers/promises';
import type { UnknownReason } from '#domain/reason.ts';

/** A request that got no usable answer. Holds neither headers nor the request's body: the API key is in them. */
export class IbmRefusal extends Error {
  override readonly name = 'IbmRefusal';
  readonly reason: UnknownReason;
  readonly status: number | undefined;
  /** The service's own error code, where the body carried one. */
  readonly code: string | undefined;

  constructor(
    reason: UnknownReason,
    message: string,
    details: { readonly status?: number; readonly code?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.reason = reason;
    this.status = details.status;
    this.code = details.code;
  }
}

export interface HttpDependencies {
  readonly fetch?: typeof fetch;
  /** Ends early when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
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
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 15_000;
const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 30_000;
/** OpenShift on IBM Cloud, limitations: 200 requests in 10 seconds per source address. Kept with a margin, over all accounts of this process. */
const WINDOW_MS = 10_000;
const WINDOW_REQUESTS = 180;

/** One pace for everything that leaves this process towards IBM Cloud. */
export class IbmHttp {
  readonly #fetch: typeof fetch;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
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
  async json(request: HttpRequest, counter: { calls: number }): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#pace(request);
        counter.calls += 1;
        return await this.#once(request);
      } catch (error) {
        const refusal = error instanceof IbmRefusal ? error : toRefusal(error, request);
        if (attempt >= this.#attempts || !isWorthRepeating(refusal) || request.signal.aborted) throw refusal;
        await this.#wait(waitBefore(attempt, refusal), request);
      }
    }
  }

  async #once(request: HttpRequest): Promise<HttpAnswer> {
    const { url, method = 'GET', headers, body, signal, answers = [] } = request;
    const answer = await this.#fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      // A redirect would take the token to another host.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const parsed = parse(text);
    const code = codeOf(parsed);
    // The code comes before the status: a definite answer may travel with HTTP 500.
    if (code !== undefined && answers.includes(code)) return { status: answer.status, body: parsed };
    if (answer.ok && code?.startsWith('SoftLayer_Exception') !== true) {
      if (parsed === undefined)
        throw new IbmRefusal('malformed-answer', text === '' ? 'the answer is empty' : 'the answer is no JSON', {
          status: answer.status,
        });
      return { status: answer.status, body: parsed };
    }
    const said = describe(answer.status, parsed, text, request);
    throw new IbmRefusal(reasonOf(answer.status, code, said), said, {
      status: answer.status,
      code,
      cause: answer.headers.get('retry-after') ?? undefined,
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
      await this.#wait((this.#sent[0] ?? now) + WINDOW_MS - now, request);
    }
  }

  /** The deadline ends a wait as it ends a request. */
  async #wait(ms: number, { signal, url }: HttpRequest): Promise<void> {
    await this.#sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted)
      throw new IbmRefusal('timeout', `the time was over while ${hostOf(url)} wanted to be waited for`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Plain text and HTML are answers too; the caller says what it makes of them.
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, errorCode } = body as { code?: unknown; errorCode?: unknown };
  return typeof code === 'string' ? code : typeof errorCode === 'string' ? errorCode : undefined;
}

function reasonOf(status: number, code: string | undefined, said: string): UnknownReason {
  if (code === 'SoftLayer_Exception_Public') return 'credentials';
  // An identity that the classic API cannot map to an IBMid; it travels with HTTP 500 and stays so however often it is asked.
  if (code === 'SoftLayer_Exception' && said.includes('Failed to exchange token')) return 'credentials';
  if (status === 429) return 'throttled';
  if (status === 401) return 'credentials';
  // IAM answers an unknown key with 400, and its codes begin with BXNIM.
  if (code?.startsWith('BXNIM') === true && status < 500) return status === 403 ? 'denied' : 'credentials';
  if (status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'unreachable' : 'malformed-answer';
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

function toRefusal(error: unknown, { signal, url }: HttpRequest): IbmRefusal {
  const name = error instanceof Error ? error.name : '';
  const host = hostOf(url);
  if (signal.aborted || name === 'TimeoutError' || name === 'AbortError')
    return new IbmRefusal('timeout', `${host} did not answer in time`, { cause: error });
  const code = causeCode(error);
  if (/redirect/i.test(messageChain(error)))
    return new IbmRefusal('malformed-answer', `${host} answered with a redirect`, { cause: error });
  const tls = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code);
  return new IbmRefusal(tls ? 'tls' : 'unreachable', `${host}: ${code === '' ? 'no connection' : code}`, {
    cause: error,
  });
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the host';
}

function causeCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? causeCode(error.cause) : '';
}

function messageChain(error: unknown): string {
  return error instanceof Error ? `${error.message} ${messageChain(error.cause)}` : '';
}

function isWorthRepeating({ reason, status, message }: IbmRefusal): boolean {
  if (reason === 'throttled') return true;
  if (reason === 'timeout') return status !== undefined;
  return reason === 'unreachable' && (status === undefined || status >= 500) && !message.includes('ECONNREFUSED');
}

function waitBefore(attempt: number, { cause }: IbmRefusal): number {
  const wished = typeof cause === 'string' && /^\d+$/.test(cause) ? Number(cause) * 1000 : undefined;
  return Math.min(wished ?? Math.random() * 500 * 2 ** attempt, LONGEST_WAIT_MS);
}
