import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScanOutput } from '#formats/result.ts';
import { createLocalRuntime } from '../bin/local/runtime.ts';
import { accountOf } from './aws/cloud.ts';
import { startEstate } from './estate.ts';
import { renderSlack } from './render-slack.ts';
import { aksOf, eksOf, type Scenario } from './scenario.ts';
import { instructive } from './scenarios/instructive.ts';

export interface DemoOptions {
  readonly print: (text: string) => void;
  readonly table: (result: ScanOutput) => string;
  readonly width: number;
}

const DRIFT = [
  'payments-prod: somebody opens its public endpoint to everybody',
  'payments-s3: the S3 gateway endpoint is put on the second route table',
  'retail-prod: its route table is emptied',
  'branch-office: VRF and service endpoints come on',
  'acquired: its role lets the scanner in',
];

/** The whole of Ringfence on simulated clouds: scan, drift, scan, and exactly the alerts of the drift. Ends by itself; the state stays in `directory`. */
export async function runDemo({ print, table, width }: DemoOptions): Promise<{ readonly directory: string }> {
  const scenario = instructive();
  const estate = await startEstate(scenario);
  const directory = join(await mkdtemp(join(tmpdir(), 'ringfence-demo-')), 'state');
  const runtime = await createLocalRuntime({ config: estate.config, providers: estate.providers, directory });
  try {
    print(title('1  First scan: simulated AWS organisation, Azure tenant and IBM Cloud accounts'));
    print(table(await runtime.scan()));
    print(title(`   Slack hears of a first scan once, as a digest (${estate.slack.posts.length} message)`));
    for (const post of estate.slack.posts.splice(0)) print(renderSlack(post, width));

    print(title('2  Then something changes'));
    print(DRIFT.map((line) => `   - ${line}`).join('\n'));
    drift(scenario);

    await runtime.scan();
    print(
      title(`3  Second scan: exactly what changed, one message per cluster (${estate.slack.posts.length} messages)`),
    );
    for (const post of estate.slack.posts.splice(0)) print(renderSlack(post, width));

    await runtime.scan();
    print(title(`4  Third scan: nothing changed, and nothing is said (${estate.slack.posts.length} messages)`));
    print(`   ${estate.playground.total} requests were answered by the simulated clouds, through the real SDKs.`);
    print(`   The state is kept in ${directory}\n`);
    print(nextSteps(directory));
    return { directory };
  } finally {
    await runtime.close();
    await estate.stop();
  }
}

/** What happens between the two scans; the end-to-end tests use the same. */
export function drift(scenario: Scenario): void {
  const opened = eksOf(scenario, 'payments-prod');
  opened.publicAccess = true;
  opened.publicCidrs = ['0.0.0.0/0'];
  eksOf(scenario, 'payments-s3').s3 = 'both';
  aksOf(scenario, 'retail-prod').defaultRoute = 'none';
  const branch = scenario.ibm.accounts.find(({ name }) => name === 'branch-office');
  if (branch !== undefined) branch.privateNetwork = 'connected';
  accountOf(scenario.aws, '444455556666').trusts = true;
}

function nextSteps(directory: string): string {
  const command = (text: string) => `npm run -s ringfence -- ${text} --store ${directory}`;
  return `   Every finding:  ${command('findings')}
   One with proof: ${command('explain payments-prod/eks-endpoint-public')}
   In a browser:   ${command('serve')}
   Your clouds:    README.md, "Scan for real"
`;
}

function title(text: string): string {
  return `\n${text}\n${'─'.repeat(Math.min(text.length, 100))}\n`;
}
