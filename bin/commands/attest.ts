import { randomUUID } from 'node:crypto';
import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, relative } from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { type AccountShow, isAboutAnother, parseAccountShow, shownId } from '#collectors/ibm/account-show.ts';
import { lineOfKey } from '#config/lines.ts';
import { ConfigError, parseConfig } from '#config/load.ts';
import { CannotRun } from '../cannot-run.ts';
import { readConfig } from './configuration.ts';

export interface AttestOptions {
  readonly config: string;
  readonly account: string;
  readonly file: string;
  /** Left out: the user who runs the command. */
  readonly author?: string;
  /** Days from today for which the word holds. */
  readonly days: string;
}

interface Entry {
  readonly account: string;
  readonly file: string;
  readonly author: string;
  readonly date: string;
  readonly expires: string;
}

/**
 * Checks the text of `ibmcloud account show` and keeps it as a person's word, with author, date and expiry, under `ibm.attestations` of the
 * configuration. An earlier word about the same account is replaced; comments and order of the file stay.
 */
export async function attestIbm(options: AttestOptions): Promise<void> {
  const { config, account, file } = options;
  const { ibm } = await readConfig(config);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CannotRun([`${file} cannot be read: ${error.message}`]);
  });
  const shown = parseAccountShow(text);
  const problems = [...problemsOf(shown, options)];
  if (ibm?.enterprise === undefined && ibm?.accounts.some(({ id }) => id === account) !== true)
    problems.push(`${config}: ibm.accounts has no account ${account}, so nothing would use the attestation`);
  if (problems.length > 0) throw new CannotRun(problems);
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const entry = {
    account,
    file: relative(dirname(config), file),
    author: options.author ?? userInfo().username,
    date: day(0),
    expires: day(Number(options.days)),
  };
  const { replaced, line } = await store(config, entry);
  process.stdout.write(
    `${config}:${line}: account ${account}: VRF ${word(shown.vrf)}, service endpoint ${word(shown.serviceEndpoint)}\n` +
      `attested by ${entry.author} on ${entry.date}, until ${entry.expires}${replaced ? '; the earlier attestation is replaced' : ''}\n`,
  );
}

function problemsOf({ accountId, vrf, serviceEndpoint }: AccountShow, { account, file, days }: AttestOptions) {
  const problems: string[] = [];
  if (isAboutAnother(accountId, account))
    problems.push(`${file} is about account ${shownId(accountId)}, not ${account}`);
  for (const [name, field] of [
    ['VRF Enabled', vrf],
    ['Service Endpoint Enabled', serviceEndpoint],
  ] as const) {
    if (field.state === 'absent') problems.push(`${file} has no line "${name}" in a language that is known`);
    if (field.state === 'malformed') problems.push(`${file}: "${name}" is ${field.raw}, expected true or false`);
  }
  if (!/^[1-9]\d{0,3}$/.test(days)) problems.push(`--days ${days} is not a number of days from 1 to 9999`);
  return problems;
}

function word(flag: AccountShow['vrf']): string {
  return flag.state === 'given' && flag.value ? 'on' : 'off';
}

/** Written beside the file first and moved over it, so that a killed process leaves the old configuration or the new one. */
async function store(config: string, entry: Entry): Promise<{ readonly replaced: boolean; readonly line: number }> {
  const before = await readFile(config, 'utf8');
  const document = parseDocument(before);
  const index = indexOf(document, entry.account);
  const path = ['ibm', 'attestations', index];
  const replaced = document.hasIn(path);
  if (!isSeq(document.getIn(['ibm', 'attestations']))) document.setIn(['ibm', 'attestations'], document.createNode([]));
  document.setIn(path, document.createNode(entry, { flow: true }));
  const after = document.toString({ lineWidth: 0 });
  try {
    parseConfig(after, config);
  } catch (error) {
    throw error instanceof ConfigError ? new CannotRun(error.problems) : error;
  }
  const place = await realpath(config);
  const draft = `${place}.${randomUUID()}.new`;
  // The file may hold keys: whoever could not read it before cannot read it after.
  await writeFile(draft, after, { flag: 'wx', mode: (await stat(place)).mode & 0o777 });
  await rename(draft, place);
  return { replaced, line: lineOfKey(after, `ibm.attestations[${index}].account`) };
}

/** The place of the account's earlier entry, else the next free one. */
function indexOf(document: Document, account: string): number {
  const entries = document.getIn(['ibm', 'attestations']);
  if (!isSeq(entries)) return 0;
  const found = entries.items.findIndex((item) => isMap(item) && item.get('account') === account);
  return found === -1 ? entries.items.length : found;
}
