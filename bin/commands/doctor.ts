import Table from 'cli-table3';
import { catalogue } from '#app/catalogue.ts';
import type { DoctorRow } from '#domain/collection.ts';
import { printable } from '#domain/printable.ts';
import type { Provider } from '#domain/target.ts';
import { providersOf, readConfig, resolveFor } from './configuration.ts';
import { terminalWidth } from './formats.ts';
import { makeProviders } from './providers.ts';

const DEADLINE_MS = 10 * 60_000;

/** Tries every permission of every scope, and says which controls become UNKNOWN without it. Exit 3 when something is missing. */
export async function doctor(
  provider: Provider,
  options: { readonly config: string; readonly format: 'table' | 'json' },
): Promise<void> {
  const parsed = await readConfig(options.config);
  providersOf(parsed, [provider], options.config);
  const config = await resolveFor(parsed, options.config, [provider], false);
  const port = (await makeProviders(config, [provider]))[provider];
  if (port === undefined) return;
  const rows = await port.doctor({ signal: AbortSignal.timeout(DEADLINE_MS), now: () => new Date() });
  const shown = rows.map((row) => ({
    ...row,
    // What there was nothing to try on blinds nobody.
    blinds: row.outcome === 'denied' || row.outcome === 'failed' ? blinded(provider, row.permission) : [],
  }));
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(shown, undefined, 2)}\n` : render(shown));
  if (rows.some(({ outcome }) => outcome === 'denied' || outcome === 'failed')) process.exitCode = 3;
}

function blinded(provider: Provider, permission: string): readonly string[] {
  return catalogue()
    .filter((entry) => entry.provider === provider && (entry.needs.includes(permission) || isWholeScope(permission)))
    .map(({ id }) => id);
}

/** Without these nothing of the scope is read at all. */
function isWholeScope(permission: string): boolean {
  return (
    permission.startsWith('organizations:') ||
    ['sts:AssumeRole', 'ec2:DescribeRegions', 'iam:token', 'eks:ListClusters', 'get /version'].includes(permission)
  );
}

const SCOPE = 18;
const PERMISSION = 34;

/** Ids and names of permissions have no spaces to wrap at, and cut off they tell nothing: they break after separators, before capitals, and where neither is. */
function breakable(text: string, column: number): string {
  const lines: string[] = [];
  const widest = new RegExp(`.{1,${column - 2}}`, 'g');
  const parts = (text.match(/[A-Z]?[^A-Z/:.-]*[/:.-]?/g) ?? []).flatMap((part) => part.match(widest) ?? []);
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= column - 2) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines.join('\n');
}

function render(rows: readonly (DoctorRow & { readonly blinds: readonly string[] })[]): string {
  const trouble = rows.filter(({ outcome }) => outcome !== 'allowed');
  const rest = Math.max(terminalWidth() - SCOPE - PERMISSION - 15, 24);
  const table = new Table({
    head: ['scope', 'permission', 'outcome', 'becomes UNKNOWN'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [SCOPE, PERMISSION, 10, rest],
  });
  for (const { account, permission, outcome, detail, blinds } of trouble) {
    const why = [blinds.map((id) => breakable(id, rest - 1)).join(', '), detail]
      .filter((part) => part !== '')
      .join('\n');
    table.push(
      [breakable(account, SCOPE), breakable(permission, PERMISSION), outcome, why].map((text) =>
        text.split('\n').map(printable).join('\n'),
      ),
    );
  }
  const allowed = rows.length - trouble.length;
  return trouble.length === 0
    ? `all ${rows.length} permissions work\n`
    : `${table.toString()}\n${allowed} of ${rows.length} permissions work\n`;
}
