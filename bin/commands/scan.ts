import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unmatchedEgressKeys } from '#app/egress-keys.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import { COVERAGE, type Finding } from '#domain/finding.ts';
import { printable } from '#domain/printable.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';
import type { Provider } from '#domain/target.ts';
import { compareSeverity, type Severity } from '#domain/verdict.ts';
import { toChanges } from '#formats/changes.ts';
import { PLAIN } from '#formats/paint.ts';
import { CannotRun } from '../cannot-run.ts';
import { createLocalRuntime, type RunResult } from '../local/runtime.ts';
import { providersOf, readConfig, resolveFor } from './configuration.ts';
import { type Format, paint, render, terminalWidth } from './formats.ts';
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
  /** Seconds for reading one target. */
  readonly deadline?: number;
}

/** Scans, prints, and sets the exit code: 2 for a FAIL at or above --fail-on, 3 for incomplete coverage. */
export async function scan(options: ScanOptions): Promise<void> {
  const parsed = await readConfig(options.config);
  const providers = providersOf(parsed, options.provider, options.config);
  const keeps = options.store !== 'none';
  if (options.output !== undefined) await demandWritable(options.output);
  const config = await resolveFor(parsed, options.config, providers, keeps);
  const publish = keeps ? await topicPublisher(config.alerts.sns?.topicArn) : undefined;
  const bar = progress();
  const runtime = await createLocalRuntime({
    config,
    providers: await makeProviders(config, providers),
    ...(keeps ? { directory: options.store } : {}),
    ...(publish === undefined ? {} : { publish }),
    ...(options.deadline === undefined ? {} : { targetTimeoutMs: options.deadline * 1000 }),
    onProgress: bar.update,
    onUndelivered: (detail) => process.stderr.write(`ringfence: not delivered: ${printable(detail)}\n`),
  });
  let result: RunResult;
  try {
    result = await runtime.scan();
  } finally {
    bar.stop();
    await runtime.close();
  }
  demandCredentials(result);
  const text = await render(result, options.format, options.output !== undefined);
  const changes =
    keeps && options.format === 'table'
      ? `\n${toChanges(result.changes, result.first, options.output === undefined ? paint() : PLAIN, terminalWidth())}`
      : '';
  if (options.output === undefined) process.stdout.write(text + changes);
  else await writeFile(options.output, text + changes);
  reportUnmatched(config, result);
  conclude(result, options.failOn);
}

/** Told before the scan and not after it. */
async function demandWritable(output: string): Promise<void> {
  const refuse = (why: string) => new CannotRun([`--output ${output} cannot be written: ${why}`]);
  const existing = await stat(output).catch(() => undefined);
  if (existing?.isDirectory() === true) throw refuse('it is a directory');
  await access(existing === undefined ? dirname(output) : output, constants.W_OK).catch((error: Error) => {
    throw refuse(error.message);
  });
}

/** Nobody was asked anything, because there was nothing to sign a question with: that is no picture of the clouds. */
function demandCredentials({ run, targets }: RunResult): void {
  const without = targets.filter(({ status, reason }) => status === 'failed' && reason === 'credentials');
  if (targets.length === 0 || without.length < targets.length || run.apiCalls > 0) return;
  const byProvider = Map.groupBy(without, ({ target }) => target.provider);
  throw new CannotRun(
    [...byProvider].map(([provider, [first]]) => {
      const hint = PROVIDER_FACTS[provider].credentialsHint;
      return `no ${provider} credentials: ${first?.message ?? ''}${hint === '' ? '' : ` (${hint})`}`;
    }),
  );
}

/** What is declared for an id that exists nowhere decides nothing. */
function reportUnmatched(config: ResolvedConfig, { targets }: RunResult): void {
  const unread = targets.some(({ status }) => status === 'failed' || status === 'partial');
  for (const key of unmatchedEgressKeys(config, targets))
    process.stderr.write(
      `ringfence: ${key} matches nothing that was read${unread ? ', and not everything was read' : ''}\n`,
    );
}

function conclude({ targets, findings }: RunResult, failOn: Severity | undefined): void {
  const grave = failOn === undefined ? [] : findings.filter((finding) => counts(finding, failOn));
  const unread = targets.filter(({ status }) => status === 'failed' || status === 'partial');
  if (grave.length > 0) process.stderr.write(`ringfence: ${grave.length} findings fail at ${failOn} or above\n`);
  if (unread.length > 0) {
    const asked = targets.filter(({ status }) => status !== 'skipped').length;
    process.stderr.write(
      `ringfence: coverage is incomplete: ${unread.length} of ${asked} targets were not read completely\n`,
    );
  }
  process.exitCode = grave.length > 0 ? 2 : unread.length > 0 ? 3 : 0;
}

/** Coverage has an exit code of its own. */
function counts({ status, severity, exception, control }: Finding, failOn: Severity): boolean {
  return status === 'FAIL' && exception === undefined && control !== COVERAGE && compareSeverity(severity, failOn) <= 0;
}
