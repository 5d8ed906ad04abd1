import { createReadStream, type Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { UnknownReason } from '#domain/reason.ts';
import { LIMITS, readBytes } from '../transport/body.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { everyPage } from '../transport/pages.ts';
import { Refusal, refusalIn } from '../transport/refusal.ts';
import { BoundedHandler } from '../transport/smithy.ts';

/** Where an inventory lies: a directory, a Git checkout, or an S3 prefix (`s3://bucket/key`). */
export interface FileSource {
  /** The text of a file. Throws `FileMissing` when there is none. */
  readonly read: (path: string, signal: AbortSignal) => Promise<string>;
  /** Every file below a directory, as `<directory>/<path below it>`, sorted; empty when the directory does not exist. */
  readonly list: (directory: string, signal: AbortSignal) => Promise<readonly string[]>;
}

export class FileMissing extends Error {
  override readonly name = 'FileMissing';
}

export function fileSource(s3: () => S3Client = boundedS3): FileSource {
  let client: S3Client | undefined;
  const remote = () => {
    client ??= s3();
    return client;
  };
  return {
    read: (path, signal) => (isS3(path) ? readObject(remote(), path, signal) : readLocal(path)),
    list: (directory, signal) => (isS3(directory) ? listObjects(remote(), directory, signal) : listLocal(directory)),
  };
}

function boundedS3(): S3Client {
  return new S3Client({ requestHandler: new BoundedHandler({ requestTimeout: 30_000 }, LIMITS.file) });
}

/** What the file system and S3 say when they refuse: their codes, and the reason of each. */
const REFUSALS: readonly (readonly [codes: RegExp, reason: UnknownReason])[] = [
  [/^(NoSuchKey|NoSuchBucket|NotFound|FileMissing)$/, 'not-found'],
  [/^(AccessDenied|Forbidden|AllAccessDisabled|EACCES|EPERM)$/, 'denied'],
  [
    /^(CredentialsProviderError|ExpiredToken|ExpiredTokenException|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch)$/,
    'credentials',
  ],
  [/^(SlowDown|ThrottlingException|TooManyRequestsException)$/, 'throttled'],
];

/** A failed read as a reason and a message. */
export function refusalOf(error: unknown): { readonly reason: UnknownReason; readonly message: string } {
  const known = refusalIn(error);
  if (known !== undefined) return known;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  // The SDK asks for a region before it asks for credentials; both come from the same environment.
  if (message === 'Region is missing')
    return { reason: 'credentials', message: 'no AWS region and no credentials are set' };
  // The YAML parser recurses.
  if (error instanceof RangeError) return TOO_DEEP;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : name;
  const reason = REFUSALS.find(([codes]) => codes.test(code))?.[1];
  if (reason !== undefined) return { reason, message };
  return connectionRefusal(error) ?? { reason: 'unreachable', message };
}

const TOO_DEEP = { reason: 'malformed-answer', message: 'the file is nested too deeply' } as const;

/** A file within its limits. Sequences in sequences on one line nest without a bracket, two bytes a level. */
async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const text = (await readBytes(source, LIMITS.file)).toString('utf8');
  if (/(?:[-?] ){200}/.test(text)) throw new Refusal(TOO_DEEP.reason, TOO_DEEP.message);
  return text;
}

/** The directory of a path; works for `s3://` too. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '.';
}

function isS3(path: string): boolean {
  return path.startsWith('s3://');
}

async function readLocal(path: string): Promise<string> {
  try {
    return await textOf(createReadStream(path));
  } catch (error) {
    throw isMissing(error) ? new FileMissing(`${path} does not exist`, { cause: error }) : error;
  }
}

/** Links are followed, as Ansible does; one that leads back to where the walk comes from has been walked already. */
async function listLocal(directory: string, above: readonly string[] = []): Promise<readonly string[]> {
  try {
    const place = await realpath(directory);
    if (above.includes(place)) return [];
    const entries = await readdir(directory, { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry) => {
        const path = `${directory}/${entry.name}`;
        if (await leadsToDirectory(entry, path)) return listLocal(path, [...above, place]);
        // A link that leads nowhere stays in the list: reading it says so.
        return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
      }),
    );
    return found.flat().sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function leadsToDirectory(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(path).catch(() => undefined);
  return target?.isDirectory() === true;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

async function readObject(client: S3Client, path: string, abortSignal: AbortSignal): Promise<string> {
  const { bucket, key } = locate(path);
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
    if (answer.Body === undefined) throw new Error(`${path} came without a body`);
    return await textOf(answer.Body as AsyncIterable<Uint8Array>);
  } catch (error) {
    throw error instanceof Error && error.name === 'NoSuchKey'
      ? new FileMissing(`${path} does not exist`, { cause: error })
      : error;
  }
}

async function listObjects(client: S3Client, directory: string, abortSignal: AbortSignal): Promise<readonly string[]> {
  const { bucket, key } = locate(`${directory}/`);
  const contents = await everyPage(async (token) => {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      { abortSignal },
    );
    return { items: page.Contents ?? [], token: page.NextContinuationToken };
  });
  return contents
    .flatMap(({ Key }) => (Key === undefined || Key.endsWith('/') ? [] : [`s3://${bucket}/${Key}`]))
    .sort();
}

function locate(path: string): { readonly bucket: string; readonly key: string } {
  const match = /^s3:\/\/([^/]+)\/(.*)$/.exec(path);
  if (match === null) throw new Error(`${path} is not s3://bucket/key`);
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}
