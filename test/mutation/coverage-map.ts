import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumented } from './instrument.ts';
import type { Source } from './syntax.ts';
import type { Workspace } from './workspace.ts';

export interface TestFile {
  readonly file: string;
  readonly ms: number;
  readonly ran: readonly string[];
}

const LIMIT_MS = 60 * 60_000;

/** Runs every test file once over instrumented sources. A file that fails here says nothing about a mutant and is left out. */
export async function mapTests(
  workspace: Workspace,
  sources: readonly Source[],
  testFiles: readonly string[],
): Promise<{ readonly tests: readonly TestFile[]; readonly leftOut: readonly string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-ran-'));
  const report = join(directory, 'report');
  process.env['RINGFENCE_MUTATION_MAP'] = directory;
  try {
    for (const source of sources) workspace.write(source.path, instrumented(source));
    await workspace.vitest(testFiles, LIMIT_MS, ['--reporter=json', `--outputFile=${report}`]);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      readonly testResults: readonly { readonly name: string; readonly status: string }[];
    };
    const passed = testResults.filter(({ status }) => status === 'passed').map(({ name }) => name);
    const tests = readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as TestFile)
      .filter(({ file }) => passed.some((name) => name.endsWith(`/${file}`)));
    const usable = new Set(tests.map(({ file }) => file));
    return { tests, leftOut: testFiles.filter((file) => !usable.has(file)) };
  } finally {
    delete process.env['RINGFENCE_MUTATION_MAP'];
    for (const source of sources) workspace.write(source.path, source.bytes.toString('utf8'));
    rmSync(directory, { recursive: true, force: true });
  }
}
