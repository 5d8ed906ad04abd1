import { setTimeout as sleep } from 'node:timers/promises';
import type { EKSClient } from '@aws-sdk/client-eks';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { dnsSuffixOf, partitionOfRegion } from '#domain/aws-partition.ts';
import { classify } from './errors.ts';
import { ATTEMPTS_AFTER_TIMEOUT } from './retries.ts';

/** One request to a JSON service of AWS that has no client among the dependencies. */
export interface SignedRequest {
  /** Name of the host and of the signature: `route53resolver`. */
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** `Route53Resolver.ListResolverRules`, for services of one address. */
  readonly target?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export type SendSigned = (request: SignedRequest, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;

interface SignedOptions {
  readonly maxAttempts: number;
  readonly backoff: (attempt: number) => number;
  readonly requestTimeoutMs: number;
}

/** Signs with the keys of the region's EKS client, and knows its time-outs and repeats. */
export function signedJson(
  eks: EKSClient,
  region: string,
  counter: { calls: number },
  options: SignedOptions,
): SendSigned {
  return async (request, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        counter.calls += 1;
        return await sendOnce(
          request,
          eks,
          region,
          AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]),
        );
      } catch (error) {
        const { reason } = classify(error, true);
        const passing =
          reason === 'throttled' ||
          reason === 'unreachable' ||
          (reason === 'timeout' && attempt < ATTEMPTS_AFTER_TIMEOUT);
        if (!passing || signal.aborted || attempt >= options.maxAttempts) throw error;
        await sleep(options.backoff(attempt), undefined, { signal });
      }
    }
  };
}

async function sendOnce(
  { service, method, path, query = {}, target, body }: SignedRequest,
  eks: EKSClient,
  region: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, endpointOf(service, region));
  const signer = new SignatureV4({
    service,
    region,
    credentials: eks.config.credentials,
    sha256: Hash.bind(null, 'sha256'),
  });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: { ...query },
    headers: {
      host: url.host,
      ...(target === undefined ? {} : { 'x-amz-target': target }),
      ...(text === undefined ? {} : { 'content-type': 'application/x-amz-json-1.1' }),
    },
    body: text,
  });
  url.search = new URLSearchParams({ ...query }).toString();
  const { host: _host, ...headers } = signed.headers;
  const response = await fetch(url, {
    method,
    headers,
    signal,
    redirect: 'error',
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  const parsed = parse(answer, response.status);
  if (!response.ok) throw new AwsError(response, parsed);
  return parsed;
}

/** The SDK's own variables come first. */
function endpointOf(service: string, region: string): string {
  return (
    process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ??
    process.env['AWS_ENDPOINT_URL'] ??
    `https://${service}.${region}.${dnsSuffixOf(partitionOfRegion(region))}`
  );
}

function parse(answer: string, status: number): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(answer);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw new NotAwsError(status);
}

/** A page, or nothing at all: whoever answered is not the service. */
export class NotAwsError extends SyntaxError {
  override readonly name = 'SyntaxError';

  constructor(status: number) {
    super(`the answer (HTTP ${status}) is no JSON object`);
  }
}

/** An error as AWS names it; `classify` reads name and status. */
export class AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor({ status, headers }: Response, body: Readonly<Record<string, unknown>>) {
    super(String(body['message'] ?? body['Message'] ?? ''));
    const code = headers.get('x-amzn-errortype') ?? String(body['__type'] ?? body['code'] ?? 'Error');
    this.name = code.replace(/^.*#/, '').replace(/:.*$/, '');
    this.$metadata = { httpStatusCode: status };
  }

  /** The endpoint is AWS's, or plays it, and has no such call. */
  get hasNoSuchCall(): boolean {
    return ['UnknownOperationException', 'UnknownOperation', 'InvalidAction'].includes(this.name);
  }
}
