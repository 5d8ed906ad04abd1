import { providersOf, readConfig, resolveFor } from './configuration.ts';

/** Validates, resolves every reference, and says what would be scanned. */
export async function configCheck({ config: file }: { readonly config: string }): Promise<void> {
  const config = await readConfig(file);
  const providers = providersOf(config, undefined, file);
  await resolveFor(config, file, providers, true);
  const parts = [
    `profile ${config.profile}`,
    providers.join(', '),
    counted(config.alerts.slack.length, 'Slack channel'),
    counted(config.exceptions.length, 'exception'),
  ];
  process.stdout.write(`${file} is valid: ${parts.join(', ')}\n`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
