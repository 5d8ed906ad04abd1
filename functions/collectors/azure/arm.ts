import { type ContainerServiceContext, createContainerService } from '@azure/arm-containerservice/api';
import { list } from '@azure/arm-containerservice/api/managedClusters';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { boundedHttpClient } from '../transport/azure-http.ts';
import { LIMITS, parseJson } from '../transport/body.ts';
import { pagesUntilRefused } from '../transport/pages.ts';
import { Refusal, timeIsOver } from '../transport/refusal.ts';
import { type ArmEndpoint, LOOPBACK, loopbackHttpClient } from './endpoint.ts';
import { type Delay, persistencePolicy } from './persistence.ts';
import { isRecord, troubleOfError, troubleOfStatus } from './trouble.ts';

export interface ArmOptions {
  readonly endpoint: ArmEndpoint;
  readonly credential: TokenCredential;
  readonly httpClient?: HttpClient;
  readonly delay: Delay;
  readonly requestTimeout: number;
  readonly signal: AbortSignal;
  readonly count: () => void;
}

export interface Listing {
  readonly items: readonly unknown[];
  /** Set when a page could not be read: `items` is what came before it. */
  readonly trouble?: Refusal;
}

interface RawAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Azure Resource Manager through the SDK's own client and pipeline, but with the body as it was sent.
 *
 * The typed objects of `@azure/arm-containerservice` drop every field that the SDK does not know yet, lose ARM's words on a refused list,
 * and follow any `nextLink` for ever. Here answers stay raw and pages are followed by our own rules.
 */
export class Arm {
  readonly #options: ArmOptions;
  readonly #context: ContainerServiceContext;
  #token = '';

  constructor(options: ArmOptions, subscription = '') {
    this.#options = options;
    const credential: TokenCredential = {
      getToken: async (scopes, tokenOptions) => {
        const granted = await options.credential.getToken(scopes, tokenOptions);
        this.#token = granted?.token ?? '';
        return granted;
      },
    };
    this.#context = createContainerService(credential, subscription, {
      endpoint: options.endpoint.url,
      credentials: { scopes: [options.endpoint.scope] },
      httpClient: boundedHttpClient(LIMITS.answer, loopbackHttpClient(options.endpoint, options.httpClient)),
      retryOptions: { maxRetries: 0 },
      // ARM's lists do not redirect; following one would carry the token to another host.
      redirectOptions: { maxRetries: 0 },
    });
    this.#context.pipeline.addPolicy(persistencePolicy(options), { phase: 'Retry' });
  }

  /** One object. Throws `Refusal` only. */
  async get(what: string, path: string): Promise<unknown> {
    return this.#bodyOf(
      what,
      await this.#send(what, () => this.#context.pathUnchecked(this.#absolute(what, path)).get(this.#parameters())),
    );
  }

  async post(what: string, path: string, body: unknown): Promise<unknown> {
    return this.#bodyOf(
      what,
      await this.#send(what, () =>
        this.#context
          .pathUnchecked(this.#absolute(what, path))
          .post({ ...this.#parameters(), contentType: 'application/json', body }),
      ),
    );
  }

  /** Every page of an ARM list (`{value, nextLink}`). */
  list(what: string, path: string): Promise<Listing> {
    return this.#pages(what, () => this.get(what, path));
  }

  /** Every managed cluster of the subscription this client was made for: path and API version are the SDK's. */
  listManagedClusters(what: string): Promise<Listing> {
    return this.#pages(what, async () => this.#bodyOf(what, await this.#firstPageOfClusters(what)));
  }

  async #firstPageOfClusters(what: string): Promise<RawAnswer> {
    let raw: RawAnswer | undefined;
    try {
      await list(this.#context, {
        abortSignal: this.#options.signal,
        onResponse: (response) => {
          raw = { status: response.status, body: response.parsedBody ?? parseJson(response.bodyAsText ?? '') };
        },
      })
        .byPage()
        .next();
    } catch (error) {
      // The deserialiser stumbles over bodies that are judged here; what arrived counts, and a refusal keeps ARM's words.
      if (raw === undefined) throw troubleOfError(what, error);
    }
    if (raw === undefined) throw new Refusal('malformed-answer', `${what}: the client reported no response`);
    return raw;
  }

  async #pages(what: string, first: () => Promise<unknown>): Promise<Listing> {
    const { items, refusal } = await pagesUntilRefused(async (link) => {
      const body = link === undefined ? await first() : await this.get(what, link);
      const nextLink = () => this.#nextLink(what, body);
      return {
        items: pageItems(what, body),
        get token() {
          return nextLink();
        },
      };
    });
    return refusal === undefined ? { items } : { items, trouble: troubleOfError(what, refusal) };
  }

  /** A link to another host would carry the token there: it is refused. On loopback http and https name the same server. */
  #nextLink(what: string, body: unknown): string | undefined {
    const link = isRecord(body) ? body['nextLink'] : undefined;
    if (link === undefined || link === null || link === '') return undefined;
    if (typeof link !== 'string' || !URL.canParse(link, this.#options.endpoint.url))
      throw new Refusal('malformed-answer', `${what}: nextLink is not a URL`);
    const url = new URL(link, this.#options.endpoint.url);
    const { host, loopback } = this.#options.endpoint;
    const own = new URL(this.#options.endpoint.url);
    if (loopback && LOOPBACK.has(url.hostname)) url.hostname = own.hostname;
    const sent = loopback && url.protocol === 'http:' && url.port === '' ? `${url.hostname}:80` : url.host;
    const scheme = url.protocol === 'https:' || (loopback && url.protocol === 'http:');
    if (sent !== host || !scheme)
      throw new Refusal('malformed-answer', `${what}: nextLink leads to ${url.protocol}//${url.host}, not to ${host}`);
    return `https://${sent}${url.pathname}${url.search}`;
  }

  /** Paths begin with ids of earlier answers: whatever does not lead to the configured host would carry the token there. */
  #absolute(what: string, path: string): string {
    const { url, host } = this.#options.endpoint;
    const absolute = URL.parse(path.startsWith('https://') ? path : `${url}${path}`);
    if (absolute?.host !== host || absolute.username !== '' || absolute.password !== '')
      throw new Refusal('malformed-answer', `${what}: an id of the response does not lead to ${host}`);
    return absolute.href;
  }

  #bodyOf(what: string, { status, body }: RawAnswer): unknown {
    if (status !== 200) throw this.#withoutToken(troubleOfStatus(what, status, body));
    if (!isRecord(body))
      throw new Refusal('malformed-answer', `${what}: the response is not a JSON object`, { status: 200 });
    return body;
  }

  /** A server, or what stands before it, may repeat what it was sent; messages end in findings and alerts. */
  #withoutToken({ reason, message, status, code }: Refusal): Refusal {
    const text = this.#token === '' ? message : message.replaceAll(this.#token, '(secret)');
    return new Refusal(reason, text, { status, code });
  }

  #parameters() {
    return { abortSignal: this.#options.signal, headers: { accept: 'application/json' } };
  }

  async #send(
    what: string,
    send: () => PromiseLike<{ readonly status: string; readonly body: unknown }>,
  ): Promise<RawAnswer> {
    if (this.#options.signal.aborted) throw timeIsOver();
    try {
      const { status, body } = await send();
      return { status: Number(status), body };
    } catch (error) {
      if (this.#options.signal.aborted) throw timeIsOver(error);
      const { statusCode } = error as { statusCode?: unknown };
      // A refusal whose body is no JSON (a proxy's HTML page) is still a refusal.
      if (typeof statusCode === 'number' && statusCode !== 200) return { status: statusCode, body: undefined };
      throw troubleOfError(what, error);
    }
  }
}

function pageItems(what: string, body: unknown): readonly unknown[] {
  const value = isRecord(body) ? body['value'] : undefined;
  if (!Array.isArray(value))
    throw new Refusal('malformed-answer', `${what}: the response carries no list "value"`, { status: 200 });
  return value;
}
