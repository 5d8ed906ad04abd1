import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test } from 'vitest';
import { fileSource } from '#collectors/kubespray/files.ts';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  'dc/hosts.ini': '[kube_control_plane]\nn1\n',
  'dc/group_vars/all/a.yml': 'kube_owner: kube\n',
  'dc/group_vars/all/b.yml': 'kube_owner: root\n',
  'dc/group_vars/all/c.yml': 'kubernetes_audit: true\n',
};

/** Two objects a page, as S3 answers ListObjectsV2. */
function list(url: URL): string {
  const keys = Object.keys(OBJECTS).filter((key) => key.startsWith(url.searchParams.get('prefix') ?? ''));
  const from = Number(url.searchParams.get('continuation-token') ?? 0);
  const next = from + 2 < keys.length ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : '';
  const contents = keys.slice(from, from + 2).map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`);
  return `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

function answer(request: IncomingMessage): readonly [status: number, body: string] {
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket = '', ...rest] = url.pathname.split('/');
  const error = (code: string) => `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  if (bucket === 'locked') return [403, error('AccessDenied')];
  if (bucket === 'stale') return [400, error('ExpiredToken')];
  if (bucket !== 'inventories') return [404, error('NoSuchBucket')];
  if (url.searchParams.has('list-type')) return [200, list(url)];
  const text = OBJECTS[rest.join('/')];
  return text === undefined ? [404, error('NoSuchKey')] : [200, text];
}

let server: Server | undefined;
afterEach(() => server?.close());

async function scan(inventory: string) {
  const started = createServer((request, response) => {
    const [status, body] = answer(request);
    response.writeHead(status).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(started.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const provider = createKubesprayProvider(
    { inventories: [{ name: 'dc', version: 'v2.31.0', inventory, vars: [] }] },
    { files: fileSource(() => client) },
  );
  return provider.collect(
    { id: 'kubespray:dc', provider: 'kubespray', account: 'dc' },
    { signal: AbortSignal.timeout(10_000), now: () => new Date('2026-11-01T00:00:00Z') },
  );
}

test.each(['s3://inventories/dc/hosts.ini', 's3://inventories/dc/'])('%s is read page by page', async (inventory) => {
  const { subjects, gaps } = await scan(inventory);
  expect(gaps).toEqual([]);
  const hosts = (subjects[0]?.evidence as KubesprayEvidence | undefined)?.hosts;
  if (hosts?.state !== 'collected') throw new Error('not read');
  expect(hosts.value[0]?.variables).toMatchObject({
    kube_owner: { json: '"root"', file: 's3://inventories/dc/group_vars/all/b.yml', line: 1 },
    kubernetes_audit: { json: 'true', file: 's3://inventories/dc/group_vars/all/c.yml', line: 1 },
  });
});

test.each([
  ['s3://inventories/none/hosts.ini', 'not-found'],
  ['s3://nowhere/hosts.ini', 'not-found'],
  ['s3://locked/hosts.ini', 'denied'],
  ['s3://stale/hosts.ini', 'credentials'],
])('%s is %s', async (inventory, reason) => {
  expect((await scan(inventory)).gaps).toEqual([expect.objectContaining({ reason })]);
});
