import { Readable } from 'node:stream';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { decoded, readBytes } from './body.ts';
import { connectionRefusal } from './connection.ts';
import { Refusal } from './refusal.ts';

type Handle = NodeHttpHandler['handle'];

/**
 * The request handler of the AWS SDK, with the body read before the SDK sees it: within the limit, within the time of one request, and no
 * deeper than a parser can take. The SDK's own time-out ends with the headers, and its parsers take whatever comes.
 */
export class BoundedHandler extends NodeHttpHandler {
  readonly #milliseconds: number;
  readonly #limit: number;

  constructor(
    { requestTimeout, ...options }: NodeHttpHandlerOptions & { readonly requestTimeout: number },
    limit: number,
  ) {
    super({ connectionTimeout: 3_000, ...options, requestTimeout, throwOnRequestTimeout: true });
    this.#milliseconds = requestTimeout;
    this.#limit = limit;
  }

  override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const { hostname, port } = request;
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    try {
      const { response } = await super.handle(request, options);
      const body: unknown = response.body;
      if (!(body instanceof Readable)) return { response };
      const time = AbortSignal.timeout(this.#milliseconds);
      const bytes = await readBytes(decoded(body, response.headers['content-encoding'], time), this.#limit);
      // What is decoded now must not be taken for encoded again.
      delete response.headers['content-encoding'];
      response.body = Readable.from([bytes]);
      return { response };
    } catch (error) {
      throw (error instanceof Refusal ? undefined : connectionRefusal(error, { host })) ?? error;
    }
  }
}
