import { addAbortSignal, pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isTooDeep } from './nesting.ts';
import { Refusal, TooLarge } from './refusal.ts';

const MEGABYTE = 1024 * 1024;

/** The most bytes of one response, decompressed, by kind. */
export const LIMITS = {
  /** A page or an object of a provider's API. */
  answer: 32 * MEGABYTE,
  /** A token endpoint's response. */
  token: MEGABYTE,
  /** A file: configuration, inventory, attestation. */
  file: 32 * MEGABYTE,
  /** A webhook's response: one word, or a proxy's page. */
  receipt: MEGABYTE,
} as const;

/** The bytes of a response, cut at the limit and refused where they nest too deep to be parsed. */
export async function readBytes(source: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limit) chunks.length = 0;
    // Leaving the loop closes the source.
    if (size > limit) throw new TooLarge('malformed-answer', `the response is larger than ${sizeInWords(limit)}`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, size);
  if (isTooDeep(bytes)) throw new Refusal('malformed-answer', 'the response is nested too deeply');
  return bytes;
}

function sizeInWords(bytes: number): string {
  return bytes >= MEGABYTE ? `${bytes / MEGABYTE} MB` : `${bytes} bytes`;
}

/** The body of a Node response as it was before its `Content-Encoding`; ends with an error when the signal aborts. */
export function decoded(body: Readable, encodings: string | undefined, signal?: AbortSignal): Readable {
  const names = (encodings ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const unknown = names.find((name) => DECODERS[name] === undefined);
  if (unknown !== undefined) {
    body.destroy();
    throw new Refusal('malformed-answer', `the response has the unknown encoding ${unknown.slice(0, 40)}`);
  }
  const decoders = names.reverse().flatMap((name) => DECODERS[name]?.() ?? []);
  const last = decoders.at(-1);
  // The last of the pipeline carries an error of any part, and closes all of them when it is closed.
  if (last !== undefined) pipeline([body, ...decoders], () => undefined);
  const stream = last ?? body;
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The text of a `fetch` response, which is decompressed already. */
export async function readText({ body }: Response, limit: number): Promise<string> {
  return body === null ? '' : (await readBytes(Readable.fromWeb(body as never), limit)).toString('utf8');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Plain text and HTML are responses too; the caller says what it makes of them.
    return undefined;
  }
}
