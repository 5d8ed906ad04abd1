import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reachabilityOf } from './harness.ts';

const page = readFileSync(new URL('../../docs/reachability.md', import.meta.url), 'utf8');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';
}

test("the page's answer is what comes from the page's manifests", async () => {
  const { report, code } = await reachabilityOf({ 'shop.yaml': block('yaml') });
  expect(report).toEqual(JSON.parse(block('json')));
  expect(report.connections.length).toBeGreaterThan(0);
  expect(code).toBe(3);
});
