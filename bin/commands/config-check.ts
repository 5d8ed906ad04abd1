import { providersOf, readConfig, resolveFor } from './configuration.ts';

/** Validates, resolves every reference, and says what would be scanned. */
export async function configCheck({ config: file }: { readonly config: string }): Promise<void> {
  const config = await readConfig(file);
  const providers = providersOf(config, undefined, file);
  await resolveFor(config, file, providers, true);
  process.stdout.write(
    `${file} is valid: profile ${config.profile}, ${providers.join(', ')}, ${config.alerts.slack.length} Slack channels, ${config.exceptions.length} exceptions\n`,
  );
}
