import { afterEach } from 'vitest';
import { createAwsProvider } from '#collectors/aws/index.ts';
import type { AwsOptions } from '#collectors/aws/options.ts';
import type { Collection, ProviderPort } from '#domain/collection.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { Target } from '#domain/target.ts';
import { type Answer, type Call, type FakeAws, fakeAws, OWN_ACCOUNT } from '#estate/aws/wire.ts';
import { REGION } from './world.ts';

export interface Played {
  readonly server: FakeAws;
  readonly provider: ProviderPort;
  readonly collect: (region?: string, signal?: AbortSignal) => Promise<Collection>;
}

const open: FakeAws[] = [];

/** The environment is what the SDK's own endpoint resolution reads. */
afterEach(async () => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** Starts a server and a provider that reads it with the real SDK; repeats come without delay. */
export async function play(
  answer: (call: Call) => Answer,
  options: Partial<AwsOptions> = {},
  dependencies: { readonly requestTimeoutMs?: number; readonly maxAttempts?: number } = {},
): Promise<Played> {
  const server = await fakeAws(answer);
  open.push(server);
  process.env['AWS_ENDPOINT_URL'] = server.endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDSCANNER';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  const provider = createAwsProvider(
    { regions: 'all', rateFraction: 1, ...options },
    { homeRegion: REGION, backoff: () => 0, maxAttempts: 3, ...dependencies },
  );
  return {
    server,
    provider,
    collect: (region = REGION, signal = new AbortController().signal) =>
      provider.collect(targetIn(region), { signal, now: () => new Date('2026-11-24T00:00:00Z') }),
  };
}

export function targetIn(region: string, account = OWN_ACCOUNT): Target {
  return { id: `aws:${account}:${region}`, provider: 'aws', account, region, details: { partition: 'aws' } };
}

export function context(signal = new AbortController().signal) {
  return { signal, now: () => new Date('2026-11-24T00:00:00Z') };
}

/** Evidence of the named cluster. */
export function evidenceOf(collection: Collection, name: string): EksEvidence {
  const subject = collection.subjects.find(({ resource }) => resource.name === name);
  if (subject?.kind !== 'eks') throw new Error(`${name} is no subject`);
  return subject.evidence as EksEvidence;
}
