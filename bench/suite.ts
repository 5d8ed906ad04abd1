import { existsSync, readFileSync } from 'node:fs';
import { REPORT, type SuiteReport } from '#test/report/suite-report.ts';

const SHOWN = 10;

/** What the last `npm test` took: the files that cost most, and all together. */
export function suiteBench(): readonly Record<string, string | number>[] {
  if (!existsSync(REPORT)) return [{ file: 'no report: run npm test first' }];
  const { at, files } = JSON.parse(readFileSync(REPORT, 'utf8')) as SuiteReport;
  const row = (file: string, cpuMs: number, wallMs: number, tests: number) => ({
    file,
    'CPU s': Number((cpuMs / 1000).toFixed(1)),
    'wall s': Number((wallMs / 1000).toFixed(1)),
    tests,
  });
  const sum = (value: (file: SuiteReport['files'][number]) => number) =>
    files.reduce((total, file) => total + value(file), 0);
  return [
    ...[...files]
      .sort((a, b) => b.cpuMs - a.cpuMs)
      .slice(0, SHOWN)
      .map(({ file, cpuMs, wallMs, tests }) => row(file, cpuMs, wallMs, tests)),
    row(
      `all ${files.length} files, ${at}`,
      sum(({ cpuMs }) => cpuMs),
      sum(({ wallMs }) => wallMs),
      sum(({ tests }) => tests),
    ),
  ];
}
