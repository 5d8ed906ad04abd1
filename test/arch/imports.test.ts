import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';

/**
 * Who may import whom (docs/architecture.md), by dependency-cruiser and the repository's own rules. Without the swc parser the tool sees no
 * TypeScript module at all and reports success; therefore the first test compares what it saw with what lies on the disk.
 */
const ROOT = join(import.meta.dirname, '../..');
const TOOL = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const AREAS = ['functions', 'infra', 'bin', 'estate', 'web', 'bench'].filter((area) => existsSync(join(ROOT, area)));

const Report = v.object({
  modules: v.array(v.object({ source: v.string() })),
  summary: v.object({
    violations: v.array(v.object({ from: v.string(), to: v.string(), rule: v.object({ name: v.string() }) })),
  }),
});
type Report = v.InferOutput<typeof Report>;

async function cruise(directory: string, areas: readonly string[]): Promise<Report> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [TOOL, ...areas, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'],
    { cwd: directory, maxBuffer: 256 * 1024 * 1024 },
  ).catch((error: { readonly stdout?: string }) => {
    // It exits with the number of violations; the report is on stdout all the same.
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{')) return { stdout: error.stdout };
    throw error;
  });
  return v.parse(Report, JSON.parse(stdout));
}

describe('the repository', () => {
  let report: Report;
  beforeAll(async () => {
    report = await cruise(ROOT, AREAS);
  }, 120_000);

  test('every module was seen', () => {
    const seen = new Set(report.modules.map(({ source }) => source));
    const present = AREAS.flatMap((area) => globSync(`${area}/**/*.{ts,tsx}`, { cwd: ROOT }));
    expect(present.length).toBeGreaterThan(100);
    expect(present.filter((file) => !file.endsWith('.d.ts') && !seen.has(file))).toEqual([]);
  });

  test('nobody imports what is not theirs', () => {
    expect(report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});

/** What each rule forbids: a module of one folder that imports one of another. */
const BREACHES = [
  [
    'a control that reads the network',
    'functions/controls/bad.ts',
    'functions/collectors/aws/target.ts',
    'controls-are-pure',
  ],
  [
    'a control that passes its door by',
    'functions/controls/eks/bad.ts',
    'functions/controls/shared/define-control.ts',
    'controls-go-through-their-door',
  ],
  [
    'a control that borrows from another platform',
    'functions/controls/eks/bad.ts',
    'functions/controls/aks/shared/target.ts',
    'controls-of-platforms-are-apart',
  ],
  [
    'a helper that leans on a control',
    'functions/controls/eks/shared/bad.ts',
    'functions/controls/eks/target.ts',
    'helpers-know-no-control',
  ],
  ['a domain that knows a use case', 'functions/domain/bad.ts', 'functions/app/target.ts', 'domain-is-alone'],
  [
    'a format that stores',
    'functions/formats/bad.ts',
    'functions/storage/target.ts',
    'frameworks-and-formats-know-the-domain',
  ],
  [
    'a collector that borrows from another provider',
    'functions/collectors/aws/bad.ts',
    'functions/collectors/ibm/target.ts',
    'collectors-are-apart',
  ],
  [
    'a transport that knows a provider',
    'functions/collectors/transport/bad.ts',
    'functions/collectors/aws/target.ts',
    'transport-knows-no-provider',
  ],
  [
    'a transport that knows a control',
    'functions/collectors/transport/bad.ts',
    'functions/controls/target.ts',
    'transport-knows-no-provider',
  ],
  [
    'a notifier that reads a provider',
    'functions/notifiers/bad.ts',
    'functions/collectors/transport/target.ts',
    'storage-and-notifiers-know-the-domain',
  ],
  ['a use case that holds a store', 'functions/app/bad.ts', 'functions/storage/target.ts', 'use-cases-take-ports'],
  [
    'storage that decides',
    'functions/storage/bad.ts',
    'functions/app/target.ts',
    'storage-and-notifiers-know-the-domain',
  ],
  [
    'a configuration that makes clients',
    'functions/config/bad.ts',
    'functions/collectors/aws/target.ts',
    'configuration-starts-nothing',
  ],
  ['a template with runtime code', 'infra/bad.ts', 'functions/handlers/target.ts', 'infra-pulls-no-runtime'],
  ['a handler that starts the estate', 'functions/handlers/bad.ts', 'estate/target.ts', 'nothing-imports-the-estate'],
  ['a dashboard that reads the table', 'web/bad.ts', 'functions/storage/target.ts', 'the-dashboard-asks-the-api'],
  ['a handler that leans on a test', 'functions/handlers/bad.ts', 'test/target.ts', 'nothing-imports-tests'],
] as const;

describe('the rules catch', () => {
  let caught: ReadonlyMap<string, readonly string[]>;

  /** Every breach is a file of its own, so that one run of the tool sees them all. */
  const placed = ([, from, to]: (typeof BREACHES)[number], index: number) =>
    [from.replace('bad.ts', `bad-${index}.ts`), to.replace('target.ts', `target-${index}.ts`)] as const;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'imports-'));
    try {
      await writeFile(join(directory, 'tsconfig.json'), '{}');
      for (const [from, to] of BREACHES.map(placed)) {
        for (const file of [from, to]) await mkdir(join(directory, file, '..'), { recursive: true });
        const up = '../'.repeat(from.split('/').length - 1);
        await writeFile(join(directory, from), `import { value } from '${up}${to}';\nexport const copy = value;\n`);
        await writeFile(join(directory, to), 'export const value = 1;\n');
      }
      const { summary } = await cruise(directory, BREACHES.flatMap(placed));
      const byFile = Map.groupBy(summary.violations, ({ from }) => from);
      caught = new Map([...byFile].map(([file, violations]) => [file, violations.map(({ rule }) => rule.name)]));
    } finally {
      await rm(directory, { recursive: true });
    }
  }, 120_000);

  test.each(BREACHES.map((breach, index) => [breach[0], placed(breach, index)[0], breach[3]] as const))(
    '%s',
    (_case, from, rule) => {
      expect(caught.get(from)).toContain(rule);
    },
  );
});
