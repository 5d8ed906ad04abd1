import { expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Settings } from '#domain/settings.ts';
import type { Fix } from '#domain/verdict.ts';
import { collectSubjects } from './subjects.ts';

/**
 * A fix must not break what works: over all evidence of the suite, no command of any control removes, replaces or detaches something without the
 * evidence that nothing else uses it.
 */

const DESTRUCTIVE =
  /\b(delete|revoke|remove|detach|disassociate|deregister|replace|release|terminate)\b|--(no|remove|disable-private)-|"op":"remove"/;

const SETTINGS: readonly Settings[] = [
  { profile: 'closed', controls: {} },
  { profile: 'private', controls: {} },
];

/** Commands that take something away, and whose evidence does not name what they take. */
function unsafeCommands({ commands, nothingElseUses = [] }: Fix): readonly string[] {
  const evidence = nothingElseUses.flatMap(({ line, hops = [] }) => [line, ...hops]).join('\n');
  return commands.filter((command) => {
    if (!DESTRUCTIVE.test(command)) return false;
    const ids = command.split(/[\s=,]+/).filter((word) => word !== '' && evidence.includes(word));
    return !ids.some((id) => /\d|\//.test(id));
  });
}

const subjects = await collectSubjects();

test('no fix of any control removes something without the evidence that nothing else uses it', () => {
  const seen = new Set<string>();
  const unsafe = new Set<string>();
  for (const settings of SETTINGS) {
    for (const subject of subjects) {
      for (const { control, verdict } of judge(subject, CONTROLS, settings)) {
        if (verdict.status !== 'FAIL' || verdict.fix === undefined) continue;
        seen.add(control.id);
        for (const command of unsafeCommands(verdict.fix)) unsafe.add(`${control.id}: ${command}`);
      }
    }
  }
  expect([...unsafe].sort()).toEqual([]);
  expect(seen.size).toBeGreaterThan(50);
});

test.each([
  ['a deletion without evidence', 'aws ec2 delete-route --route-table-id rtb-1', [], 1],
  [
    'a deletion whose object the evidence names',
    'aws ec2 delete-route --route-table-id rtb-1',
    ['rtb-1 serves no other subnet'],
    0,
  ],
  ['evidence of something else', 'aws ec2 delete-route --route-table-id rtb-1', ['rtb-2 serves no other subnet'], 1],
  [
    'a switch that is turned off',
    'aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-1 --no-private-dns-enabled',
    [],
    1,
  ],
  ['a command that only adds', 'aws ec2 create-vpc-endpoint --vpc-id vpc-1', [], 0],
] as const)('%s', (_case, command, evidence, count) => {
  const nothingElseUses = evidence.map((line) => ({ kind: 'derived' as const, line }));
  expect(unsafeCommands({ commands: [command], fragments: [], nothingElseUses })).toHaveLength(count);
});
