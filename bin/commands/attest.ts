import { readFile } from 'node:fs/promises';
import { parseAccountShow } from '#collectors/ibm/account-show.ts';
import { CannotRun } from '../cannot-run.ts';

export interface AttestOptions {
  readonly account: string;
  readonly file: string;
  readonly author: string;
  readonly days: string;
}

/** Checks the text of `ibmcloud account show` and prints the entry for ringfence.yaml: a person's word, with author, date and expiry. */
export async function attestIbm({ account, file, author, days }: AttestOptions): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CannotRun([`${file} cannot be read: ${error.message}`]);
  });
  const { accountId, vrf, serviceEndpoint } = parseAccountShow(text);
  const problems: string[] = [];
  if (accountId.state === 'given' && !accountId.value.includes('*') && accountId.value !== account)
    problems.push(`${file} is about account ${accountId.value}, not ${account}`);
  for (const [name, field] of [
    ['VRF Enabled', vrf],
    ['Service Endpoint Enabled', serviceEndpoint],
  ] as const) {
    if (field.state === 'absent') problems.push(`${file} has no line "${name}" in a language that is known`);
    if (field.state === 'malformed') problems.push(`${file}: "${name}" is ${field.raw}, expected true or false`);
  }
  if (!/^\d{1,4}$/.test(days)) problems.push(`--days ${days} is no number of days`);
  if (problems.length > 0) throw new CannotRun(problems);
  const date = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  process.stdout.write(
    `# VRF ${vrf.state === 'given' && vrf.value ? 'on' : 'off'}, service endpoint ${serviceEndpoint.state === 'given' && serviceEndpoint.value ? 'on' : 'off'}; add to ringfence.yaml:\nibm:\n  attestations:\n    - { account: "${account}", file: ${JSON.stringify(file)}, author: ${JSON.stringify(author)}, date: ${date(0)}, expires: ${date(Number(days))} }\n`,
  );
}
