/**
 * `npm run mutation -- --seed N --count M [--workers W]`: changes one place of the sources at a time and asks whether a test notices. Prints every
 * survivor and the score. The sample is the same for the same seed and sources.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mapTests, type TestFile } from './coverage-map.ts';
import { stretchAt, stretchesOf } from './instrument.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { sampleMutants, scoreOf } from './sample.ts';
import { Source } from './syntax.ts';
import { type Ended, Workspace } from './workspace.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MUTATED = ['functions/controls', 'functions/domain', 'functions/reachability', 'functions/app'];
const REPORT = 'reports/mutation.json';

/** Beside what the tests took when the map was made, several times over: the machine may be busier now. */
const STARTUP_MS = 30_000;
const PATIENCE = 4;
const LONGEST_MS = 10 * 60_000;

interface Judged {
  readonly mutant: Mutant;
  readonly ended: Ended | 'not-covered';
  readonly tests: number;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    workers: { type: 'string', default: '1' },
  },
});
const [seed, count, workers] = [values.seed, values.count, values.workers].map((text) => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${text} is not a number of 1 or more`);
  return Number(text);
}) as [number, number, number];

const list = (pattern: string) => globSync(pattern, { cwd: ROOT }).sort();
const sources = MUTATED.flatMap((folder) => list(`${folder}/**/*.ts`)).map(
  (path) => new Source(path, readFileSync(`${ROOT}${path}`, 'utf8')),
);
const testFiles = list('test/**/*.test.ts').filter(
  (file) => !file.startsWith('test/conformance/') && !file.startsWith('test/mutation/'),
);
const byPath = new Map(sources.map((source) => [source.path, source]));
const sample = sampleMutants(
  sources.map((source) => ({ lines: source.lines, mutants: mutantsOf(source) })),
  count,
  seed,
);

const workspaces: Workspace[] = [];
const began = Date.now();
try {
  for (let index = 0; index < workers; index += 1) workspaces.push(new Workspace(ROOT));
  const [first] = workspaces;
  if (first === undefined) throw new Error('there is at least one worker');
  print(`${sample.length} mutants of ${sources.length} files; mapping ${testFiles.length} test files`);
  const { tests, leftOut } = await mapTests(first, sources, testFiles);
  if (leftOut.length > 0) print(`left out, because they fail or run nothing here: ${leftOut.join(', ')}`);
  print(`mapped after ${minutes()} minutes`);
  const queue = [...sample];
  const judged: Judged[] = [];
  await Promise.all(
    workspaces.map(async (workspace) => {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const result = await judge(mutant, tests, workspace);
        judged.push(result);
        print(`${judged.length}/${sample.length} ${result.ended} (${result.tests} files) ${describe(mutant)}`);
      }
    }),
  );
  conclude(judged);
} finally {
  for (const workspace of workspaces) workspace.remove();
}

async function judge(mutant: Mutant, tests: readonly TestFile[], workspace: Workspace): Promise<Judged> {
  const source = byPath.get(mutant.path);
  if (source === undefined) throw new Error(`${mutant.path} is not among the sources`);
  const stretch = stretchAt(stretchesOf(source), mutant.start);
  const covering = tests.filter(({ ran }) => ran.includes(stretch)).sort((a, b) => a.ms - b.ms);
  if (covering.length === 0) return { mutant, ended: 'not-covered', tests: 0 };
  const limit = Math.min(STARTUP_MS + PATIENCE * covering.reduce((sum, { ms }) => sum + ms, 0), LONGEST_MS);
  workspace.write(mutant.path, source.withEdits([mutant]));
  try {
    const files = covering.map(({ file }) => file);
    return { mutant, ended: await workspace.vitest(files, limit, ['--bail=1']), tests: covering.length };
  } finally {
    workspace.write(mutant.path, source.bytes.toString('utf8'));
  }
}

function conclude(judged: readonly Judged[]): void {
  const count = (ended: Judged['ended']) => judged.filter((each) => each.ended === ended).length;
  const survivors = judged.filter(({ ended }) => ended === 'passed' || ended === 'not-covered');
  const { share, from, to } = scoreOf(judged.length - survivors.length, judged.length);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  print('\nsurvivors:');
  for (const { mutant, ended } of survivors)
    print(`  ${describe(mutant)}${ended === 'passed' ? '' : ' (not covered)'}`);
  print(
    `\nscore ${percent(share)} (95 %: ${percent(from)} to ${percent(to)}) with seed ${seed}: ${judged.length} mutants, ` +
      `${count('failed')} failed a test, ${count('timed-out')} timed out, ${count('passed')} survived, ` +
      `${count('not-covered')} not covered; ${minutes()} minutes`,
  );
  mkdirSync(`${ROOT}reports`, { recursive: true });
  writeFileSync(`${ROOT}${REPORT}`, `${JSON.stringify({ seed, share, from, to, judged }, undefined, 1)}\n`);
}

function describe({ path, line, operator, original, text }: Mutant): string {
  const short = (words: string) => {
    const flat = words.replaceAll(/\s+/g, ' ');
    return flat.length > 60 ? `${flat.slice(0, 57)}...` : flat;
  };
  return `${relative('', path)}:${line} ${operator}: ${short(original)} → ${short(text)}`;
}

function minutes(): string {
  return ((Date.now() - began) / 60_000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
