import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const hasLint = spawnSync('cfn-lint', ['--version']).status === 0;
if (!hasLint) console.warn('skipped: cfn-lint is not on this machine');

/** Judged by the linter of CloudFormation itself, which nobody here wrote; errors only, its style hints are the CDK's affair. */
test.runIf(hasLint)('the synthesised templates pass cfn-lint', { timeout: 180_000 }, () => {
  const out = mkdtempSync(join(tmpdir(), 'ringfence-synth-'));
  execFileSync('npx', ['cdk', 'synth', '--quiet', '--output', out], { stdio: 'pipe' });
  const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  expect(templates).toHaveLength(2);
  const linted = spawnSync(
    'cfn-lint',
    ['--non-zero-exit-code', 'error', '--format', 'parseable', ...templates.map((file) => join(out, file))],
    { encoding: 'utf8' },
  );
  expect(linted.stdout.split('\n').filter((line) => /:E\d{4}:/.test(line))).toEqual([]);
});
