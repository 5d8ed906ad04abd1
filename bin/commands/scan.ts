import { writeFile } from 'node:fs/promises';
import type { Finding } from '#domain/finding.ts';
import type { Provider } from '#domain/target.ts';
import { compareSeverity, type Severity } from '#domain/verdict.ts';
import { createLocalRuntime, type RunResult } from '../local/runtime.ts';
import { providersOf, readConfig, resolveFor } from './configuration.ts';
import { type Format, render } from './formats.ts';
import { progress } from './progress.ts';
import { makeProviders } from './providers.ts';
import { topicPublisher } from './topic.ts';

export interface ScanOptions {
  readonly config: string;
  readonly provider?: readonly Provider[];
  readonly format: Format;
  readonly output?: string;
  readonly failOn?: Severity;
  readonly store: string;
}

/** Scans, prints, and sets the exit code: 2 for a FAIL at or above --fail-on, 3 for incomplete coverage. */
export async function scan(options: ScanOptions): Promise<void> {
  const parsed = await readConfig(options.config);
  const providers = providersOf(parsed, options.provider, options.config);
  const keeps = options.store !== 'none';
  const config = await resolveFor(parsed, options.config, providers, keeps);
  const publish = keeps ? await topicPublisher(config.alerts.sns?.topicArn) : undefined;
  const bar = progress();
  const runtime = await createLocalRuntime({
    config,
    providers: await makeProviders(config, providers),
    ...(keeps ? { directory: options.store } : {}),
    ...(publish === undefined ? {} : { publish }),
    onProgress: bar.update,
    onUndelivered: (detail) => process.stderr.write(`ringfence: not delivered: ${detail}\n`),
  });
  let result: RunResult;
  try {
    result = await runtime.scan();
  } finally {
    bar.stop();
    await runtime.close();
  }
  const text = await render(result, options.format, options.output !== undefined);
  if (options.output === undefined) process.stdout.write(text);
  else await writeFile(options.output, text);
  conclude(result, options.failOn);
}

function conclude({ targets, findings }: RunResult, failOn: Severity | undefined): void {
  const grave = failOn === undefined ? [] : findings.filter((finding) => counts(finding, failOn));
  const unread = targets.filter(({ status }) => status === 'failed' || status === 'partial');
  if (grave.length > 0) process.stderr.write(`ringfence: ${grave.length} findings fail at ${failOn} or above\n`);
  if (unread.length > 0)
    process.stderr.write(
      `ringfence: coverage is incomplete: ${unread.length} of ${targets.length} targets were not read completely\n`,
    );
  process.exitCode = grave.length > 0 ? 2 : unread.length > 0 ? 3 : 0;
}

/** Coverage has an exit code of its own. */
function counts({ status, severity, exception, control }: Finding, failOn: Severity): boolean {
  return (
    status === 'FAIL' && exception === undefined && control !== 'coverage' && compareSeverity(severity, failOn) <= 0
  );
}
