import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { Arm } from './arm.ts';
import { credentialFor } from './credentials.ts';
import { type ArmEndpoint, armEndpoint } from './endpoint.ts';
import type { AzureOptions, AzureTenantOptions } from './options.ts';
import type { Delay } from './persistence.ts';

/** What tests and callers may replace. */
export interface AzureDeps {
  readonly credentialFor?: (tenant: AzureTenantOptions) => TokenCredential;
  readonly httpClient?: HttpClient;
  readonly delay?: Delay;
  /** Milliseconds for one request. Default 20 seconds. */
  readonly requestTimeout?: number;
  /** Clusters of one subscription that are read at the same time. Default 8. */
  readonly concurrency?: number;
}

/** Credentials and endpoint, made once; clients are made per reading, because each counts its own calls and obeys its own deadline. */
export class Tenants {
  readonly #deps: AzureDeps;
  readonly #authorityHost: string | undefined;
  readonly #credentials = new Map<string, TokenCredential>();
  readonly endpoint: ArmEndpoint;
  readonly all: readonly AzureTenantOptions[];

  constructor(options: AzureOptions, deps: AzureDeps) {
    this.#deps = deps;
    this.#authorityHost = options.authorityHost;
    this.endpoint = armEndpoint(options.endpoint);
    this.all = options.tenants;
  }

  get concurrency(): number {
    return this.#deps.concurrency ?? 8;
  }

  byId(id: string | undefined): AzureTenantOptions | undefined {
    return (
      this.all.find((tenant) => tenant.id.toLowerCase() === id?.toLowerCase()) ??
      (id === undefined ? this.all[0] : undefined)
    );
  }

  /** Throws when the credential's own settings are unusable; callers turn that into a gap or a failure. */
  arm(tenant: AzureTenantOptions, signal: AbortSignal, count: () => void, subscription?: string): Arm {
    const { httpClient, delay = abortableDelay, requestTimeout = 20_000 } = this.#deps;
    const options = {
      endpoint: this.endpoint,
      credential: this.#credential(tenant),
      delay,
      requestTimeout,
      signal,
      count,
    };
    return new Arm(httpClient === undefined ? options : { ...options, httpClient }, subscription);
  }

  #credential(tenant: AzureTenantOptions): TokenCredential {
    const known = this.#credentials.get(tenant.id);
    if (known !== undefined) return known;
    const made = this.#deps.credentialFor?.(tenant) ?? credentialFor(tenant, this.#authorityHost);
    this.#credentials.set(tenant.id, made);
    return made;
  }
}

const abortableDelay: Delay = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(
        signal?.reason instanceof Error ? signal.reason : new DOMException('the deadline has passed', 'AbortError'),
      );
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
