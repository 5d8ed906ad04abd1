import { access, readFile } from 'node:fs/promises';
import { lineOfKey } from '#config/lines.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import { CannotRun } from '../cannot-run.ts';
import { providersOf, readConfig, resolveFor } from './configuration.ts';

/** Validates, resolves every reference, and says what would be scanned. */
export async function configCheck({ config: file }: { readonly config: string }): Promise<void> {
  const config = await readConfig(file);
  const providers = providersOf(config, undefined, file);
  await demandInventories(await resolveFor(config, file, providers, true), file);
  const today = new Date().toISOString().slice(0, 10);
  const expired = config.exceptions.filter(({ expires }) => expires < today).length;
  const parts = [
    `profile ${config.profile}`,
    providers.join(', '),
    counted(config.alerts.slack.length, 'Slack channel'),
    `${counted(config.exceptions.length, 'exception')}${expired === 0 ? '' : ` (${expired} expired)`}`,
  ];
  process.stdout.write(`${file} is valid: ${parts.join(', ')}\n`);
}

/** A scan would tell it as coverage lost; here it is a slip of the pen. */
async function demandInventories({ kubespray }: ResolvedConfig, file: string): Promise<void> {
  const named = (kubespray?.inventories ?? []).flatMap(({ inventory, vars }, index) => {
    const key = `kubespray.inventories[${index}]`;
    return [
      { key: `${key}.inventory`, path: inventory },
      ...vars.map((path, place) => ({ key: `${key}.vars[${place}]`, path })),
    ];
  });
  const text = await readFile(file, 'utf8');
  const problems: string[] = [];
  for (const { key, path } of named) {
    if (path.startsWith('s3://')) continue;
    await access(path).catch(() => problems.push(`${file}:${lineOfKey(text, key)}: ${key}: ${path} does not exist`));
  }
  if (problems.length > 0) throw new CannotRun(problems);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
