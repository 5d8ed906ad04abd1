import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { lineOfKey } from '#config/lines.ts';
import { ConfigError, parseConfig } from '#config/load.ts';
import { resolveConfig, UnresolvedReference } from '#config/resolve.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import { type Config, sectionOf } from '#config/schema.ts';
import { PROVIDERS, type Provider } from '#domain/target.ts';
import { CannotRun } from '../cannot-run.ts';

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: name a configuration with --config, or begin with the example in the README',
  EISDIR: 'is a directory, expected a file',
  EACCES: 'may not be read by this user',
};

/** Reads and validates the file; every fault is one line with file, line and key. */
export async function readConfig(file: string): Promise<Config> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const known = UNREADABLE[error.code ?? ''];
    throw new CannotRun([`${file} ${known ?? `cannot be read: ${error.message}`}`]);
  });
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) {
    const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
    throw new CannotRun([`${file}:${line}: the file is not UTF-8 text`]);
  }
  try {
    return parseConfig(text, file);
  } catch (error) {
    throw error instanceof ConfigError ? new CannotRun(error.problems) : error;
  }
}

/** The configured providers, narrowed to the wanted ones. */
export function providersOf(
  config: Config,
  wanted: readonly Provider[] | undefined,
  file: string,
): readonly Provider[] {
  const configured = PROVIDERS.filter((provider) => sectionOf(config, provider) !== undefined);
  const missing = (wanted ?? []).filter((provider) => !configured.includes(provider));
  if (missing.length > 0) throw new CannotRun([`${file} has no ${missing.join(', ')} section`]);
  const chosen = wanted ?? configured;
  if (chosen.length === 0)
    throw new CannotRun([`${file} names nothing to scan: add an aws, azure, ibm, kubernetes or kubespray section`]);
  return chosen;
}

/** Resolves what the chosen providers need; files are found beside the configuration. */
export async function resolveFor(
  config: Config,
  file: string,
  providers: readonly Provider[],
  alerts: boolean,
): Promise<ResolvedConfig> {
  const base = dirname(file);
  const beside = (path: string) => (isAbsolute(path) || path.startsWith('s3://') ? path : resolve(base, path));
  try {
    const resolved = await resolveConfig(config, {
      env: process.env,
      readSecret: async (arn) => (await import('#handlers/secrets.ts')).readSecret(arn),
      readFile: (path) => readFile(beside(path), 'utf8'),
      providers,
      alerts,
    });
    return resolved.kubespray === undefined
      ? resolved
      : {
          ...resolved,
          kubespray: {
            inventories: resolved.kubespray.inventories.map((inventory) => ({
              ...inventory,
              inventory: beside(inventory.inventory),
              vars: inventory.vars.map(beside),
            })),
          },
        };
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) throw error;
    const text = await readFile(file, 'utf8');
    throw new CannotRun(
      error.faults.map(({ path, message }) => `${file}:${lineOfKey(text, path)}: ${path}: ${message}`),
    );
  }
}
