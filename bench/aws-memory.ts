import { createAwsProvider } from '#collectors/aws/index.ts';

/** A process of its own, so that its peak is what the reading needs: reads one region, prints clusters and the peak in MiB. */
const [, , account = '', region = '', roleName = '', externalId = ''] = process.argv;
const port = createAwsProvider(
  // Not paced: the time is not measured here.
  { accounts: [account], roleName, externalId, regions: [region], rateFraction: 1_000 },
  { homeRegion: 'us-east-1' },
);
const context = { signal: AbortSignal.timeout(300_000), now: () => new Date() };
const target = { id: `aws:${account}:${region}`, provider: 'aws', account, region } as const;
const { subjects } = await port.collect(target, context);
process.stdout.write(
  JSON.stringify({ clusters: subjects.length, mib: Math.round(process.resourceUsage().maxRSS / 1024) }),
);
