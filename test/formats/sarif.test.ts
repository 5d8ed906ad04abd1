import { describe, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { toSarif } from '#formats/sarif.ts';
import { EVERY_STATUS, EXCEPTION, finding, scan } from './scans.ts';

const read = (...findings: readonly Finding[]) => JSON.parse(toSarif(scan(...findings)));

describe('SARIF 2.1.0', () => {
  test('one run of one tool, with a rule per control and an index that leads to it', () => {
    const log = read(...EVERY_STATUS, finding({ id: 'f5' }));
    expect(log).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Ringfence' } } }] });
    const [{ tool, results }] = log.runs;
    const ids = tool.driver.rules.map(({ id }: { readonly id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(results).toHaveLength(5);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
  });

  test.each([
    ['FAIL', 'fail', 'error'],
    ['PASS', 'pass', 'none'],
    ['UNKNOWN', 'review', 'none'],
    ['NOT_APPLICABLE', 'notApplicable', 'none'],
  ] as const)('%s is kind %s with level %s', (status, kind, level) => {
    // 3.27.9: a result of another kind than "fail" has the level "none".
    expect(read(finding({ status })).runs[0].results[0]).toMatchObject({ kind, level });
  });

  test.each([
    ['CRITICAL', 'error'],
    ['HIGH', 'error'],
    ['MEDIUM', 'warning'],
    ['LOW', 'note'],
    ['INFORMATIONAL', 'note'],
  ] as const)('a failure of severity %s has level %s', (severity, level) => {
    expect(read(finding({ severity })).runs[0].results[0].level).toBe(level);
  });

  test('the message carries the proof, the location names the cluster, the fingerprint is the finding', () => {
    const [result] = read(finding()).runs[0].results;
    expect(result.message.text).toBe(
      'the public endpoint is open to everybody\nendpointPublicAccess is true\npublicAccessCidrs is 0.0.0.0/0',
    );
    expect(result.locations[0].logicalLocations[0]).toMatchObject({
      name: 'shop',
      fullyQualifiedName: 'arn:aws:eks:eu-central-1:111111111111:cluster/shop',
    });
    expect(result.partialFingerprints).toEqual({ 'ringfence/v1': 'f1' });
  });

  test('an exception is a suppression', () => {
    const [result] = read(finding({ exception: EXCEPTION })).runs[0].results;
    expect(result.suppressions).toEqual([
      { kind: 'external', justification: 'platform@example.com: until the VPN stands (until 2027-03-31)' },
    ]);
    expect(read(finding()).runs[0].results[0]).not.toHaveProperty('suppressions');
  });

  test('what was not read is a notification, and the run did not succeed', () => {
    const [invocation] = read(finding()).runs[0].invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications).toEqual([
      { level: 'error', message: { text: 'azure:s2: failed (denied): not allowed to list <clusters>' } },
    ]);
  });
});

test('a text of a provider makes no link in a viewer', () => {
  const linked = finding({ message: 'tag [sign in](https://evil.example) of ranges[0]' });
  const text = JSON.parse(toSarif(scan(linked))).runs[0].results[0].message.text as string;
  // SARIF 2.1.0, 3.11.6: an embedded link is [text](target).
  expect(text).not.toContain('](');
  expect(text).toContain('of ranges[0]');
});

test('a backslash in the text does not bring the link back', () => {
  const linked = finding({ message: 'tag [sign in\\](https://evil.example)' });
  expect(JSON.parse(toSarif(scan(linked))).runs[0].results[0].message.text).not.toMatch(/\]\(/);
});
