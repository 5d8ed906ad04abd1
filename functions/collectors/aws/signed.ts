import { setTimeout as sleep } from 'node:timers/promises';
import type { EKSClient } from '@aws-sdk/client-eks';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { dnsSuffixOf, partitionOfRegion } from '#domain/aws-partition.ts';
import { LIMITS, parseJson, readText } from '../transport/body.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal } from '../transport/refusal.ts';
import { type Patience, repeat } from '../transport/retry.ts';
import { classify } from './errors.ts';

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

/** Signs with the keys of the region's EKS client, and knows its time-outs and repeats. */
export function signedJson(
  eks: EKSClient,
  region: string,
  counter: { calls: number },
  patience: Patience,
  requestTimeoutMs: number,
): SendSigned {
  return (request, signal) =>
    repeat(
      async () => {
        counter.calls += 1;
        try {
          return await sendOnce(request, eks, region, AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]));
        } catch (error) {
          throw classify(error, true);
        }
      },
      { patience, signal, sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }) },
    );
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
  try {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(text === undefined ? {} : { body: text }),
    });
    const parsed = objectOf(await readText(response, LIMITS.answer), response.status);
    if (!response.ok) throw new AwsError(response, parsed);
    return parsed;
  } catch (error) {
    throw connectionRefusal(error, { host: url.host }) ?? error;
  }
}

/** The SDK's own variables come first. */
function endpointOf(service: string, region: string): string {
  return (
    process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ??
    process.env['AWS_ENDPOINT_URL'] ??
    `https://${service}.${region}.${dnsSuffixOf(partitionOfRegion(region))}`
  );
}

function objectOf(text: string, status: number): Readonly<Record<string, unknown>> {
  const parsed = parseJson(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new Refusal('malformed-answer', `the response (HTTP ${status}) is not a JSON object`, {
    status,
    code: FOREIGN,
  });
}

/** A page, or nothing at all: whoever responded is not the service. */
const FOREIGN = 'ForeignResponse';

export function isForeign({ code }: Refusal): boolean {
  return code === FOREIGN;
}

/** An error as AWS names it; `classify` reads name, status and headers. */
class AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $response: { readonly headers: Readonly<Record<string, string>> };

  constructor({ status, headers }: Response, body: Readonly<Record<string, unknown>>) {
    super(String(body['message'] ?? body['Message'] ?? ''));
    const code = headers.get('x-amzn-errortype') ?? String(body['__type'] ?? body['code'] ?? 'Error');
    this.name = code.replace(/^.*#/, '').replace(/:.*$/, '');
    this.$metadata = { httpStatusCode: status };
    this.$response = { headers: Object.fromEntries(headers) };
  }
}

/** The endpoint is AWS's, or plays it, and has no such call. */
export function hasNoSuchCall({ code = '' }: Refusal): boolean {
  return ['UnknownOperationException', 'UnknownOperation', 'InvalidAction'].includes(code);
}
