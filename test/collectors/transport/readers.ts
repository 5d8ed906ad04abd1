import { aksControls } from '#controls/aks/index.ts';
import { eksControls } from '#controls/eks/index.ts';
import { iksControls } from '#controls/iks/index.ts';
import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import type { Collection, Gap, ProviderPort } from '#domain/collection.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';

export type ProviderName = 'aws' | 'azure' | 'ibm' | 'kubernetes';

/** A provider that reads everything from one address. Only its own SDK is loaded: where memory is measured, it alone counts. */
export async function readerOf(provider: ProviderName, url: string): Promise<ProviderPort> {
  switch (provider) {
    case 'aws':
      process.env['AWS_ENDPOINT_URL'] = url;
      process.env['AWS_ACCESS_KEY_ID'] = 'AKIDSCANNER';
      process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
      return (await import('#collectors/aws/index.ts')).createAwsProvider(
        { regions: ['eu-central-1'], rateFraction: 1 },
        { homeRegion: 'eu-central-1', backoff: () => 50 },
      );
    case 'azure':
      return (await import('#collectors/azure/index.ts')).createAzureProvider({
        endpoint: url,
        tenants: [{ id: 't', subscriptions: 'all', credential: { type: 'access-token', token: 'token' } }],
      });
    case 'ibm':
      return (await import('#collectors/ibm/index.ts')).createIbmProvider(
        { accounts: [{ id: 'acc', apiKey: 'key' }], endpoints: ibmEndpoints(url), attestations: [], probes: [] },
        { sleep: async () => undefined },
      );
    case 'kubernetes':
      return (await import('#collectors/kubernetes/index.ts')).createKubernetesProvider(
        { clusters: [{ name: 'tokyo', server: url, token: 'secret' }] },
        { sleep: async () => undefined },
      );
  }
}

const CONTROLS = [...eksControls, ...aksControls, ...iksControls, ...kubernetesControls];

export interface Outcome {
  /** What was refused, in planning and in reading. */
  readonly gaps: readonly Pick<Gap, 'reason' | 'message'>[];
  /** `STATUS reason` by control of every resource. */
  readonly verdicts: readonly (readonly [control: string, verdict: string])[];
}

/** Plans, reads and judges, as a scan does. */
export async function scan(provider: ProviderPort): Promise<Outcome> {
  const context = { signal: AbortSignal.timeout(60_000), now: () => new Date('2026-11-24T00:00:00Z') };
  const { targets } = await provider.plan(context);
  const read: Collection[] = [];
  for (const { target, failure, skipped } of targets)
    if (failure === undefined && skipped === undefined) read.push(await provider.collect(target, context));
  return {
    gaps: [...targets.flatMap(({ failure }) => failure ?? []), ...read.flatMap(({ gaps }) => gaps)],
    verdicts: read
      .flatMap(({ subjects }) => subjects)
      .flatMap((subject) =>
        judge(
          subject,
          CONTROLS.filter((control) => control.subject === subject.kind),
          { profile: 'closed', controls: {} },
        ).map(({ control, verdict }) => [control.id, `${verdict.status} ${verdict.reason}`] as const),
      ),
  };
}
