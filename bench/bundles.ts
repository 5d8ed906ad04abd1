import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { bundleOptions, HANDLERS, type HandlerName } from '#infra/bundling.ts';

/** Limits in bytes, minified. */
const LIMITS: Partial<Readonly<Record<HandlerName, number>>> = {
  'scan-aws': 1_500_000,
  'scan-azure': 1_100_000,
  'scan-ibm': 500_000,
  alert: 800_000,
  slack: 500_000,
  query: 500_000,
};

/** Packages that tell whose SDK a bundle carries. */
const SDKS: Readonly<Record<string, RegExp>> = {
  aws: /@aws-sdk\/client-(eks|ec2)\//,
  azure: /@azure\/(arm-|identity\/)/,
};
const RUNS = 7;

/** Size of each bundle against its limit, and its import time against an empty module in the same run. */
export function bundleBench(): readonly Record<string, string | number>[] {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const empty = join(directory, 'empty.mjs');
  writeFileSync(empty, 'export const handler = () => undefined;\n');
  const baseline = importTime(empty);
  return HANDLERS.map((handler) => {
    const outfile = join(directory, `${handler}.mjs`);
    const { metafile } = buildSync({ ...bundleOptions(handler), outfile, metafile: true });
    const [output] = Object.values(metafile.outputs);
    const bytes = output?.bytes ?? 0;
    const limit = LIMITS[handler];
    const carried = Object.keys(output?.inputs ?? {});
    return {
      bundle: handler,
      bytes,
      limit: limit ?? '-',
      'within limit': limit === undefined ? '-' : bytes <= limit ? 'yes' : 'OVER',
      SDKs:
        Object.entries(SDKS)
          .filter(([, pattern]) => carried.some((file) => pattern.test(file)))
          .map(([name]) => name)
          .join(', ') || 'none',
      ...importColumns(importTime(outfile), baseline),
    };
  });
}

function importColumns(ms: number, baseline: number): Record<string, string | number> {
  return { 'import ms': Math.round(ms - baseline), 'start / empty': (ms / baseline).toFixed(1) };
}

/** Median over fresh processes of a whole start with the import, in milliseconds. */
function importTime(file: string): number {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    execFileSync(process.execPath, ['--input-type=module', '-e', `await import(${JSON.stringify(file)})`], {
      env: { ...process.env, RINGFENCE_TABLE: 'none' },
      stdio: 'pipe',
    });
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}
