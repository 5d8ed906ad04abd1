import { expect, test } from 'vitest';
import { combine } from '#controls/shared/combine.ts';
import { type Fix, fail, notApplicable, pass, unknown } from '#domain/verdict.ts';

const fact = (line: string) => ({ kind: 'fact', line }) as const;
const fix = (...commands: string[]): Fix => ({ commands, fragments: [{ language: 'bicep', code: 'same' }] });

const passes = pass('a holds', [fact('a')]);
const open = unknown('denied', 'b was refused', [fact('b')]);
const fails = fail('public', 'c is public', [fact('c')], { fix: fix('one', 'two') });

test('a FAIL stands whatever else is missing, its proof leads, and remedies are said once', () => {
  const other = fail('gone', 'd is gone', [fact('d')], { fix: fix('two', 'three') });
  const verdict = combine([passes, open, fails, other], 'all hold');
  expect(verdict).toMatchObject({ status: 'FAIL', reason: 'public', message: 'c is public; d is gone' });
  expect(verdict.proof.map(({ line }) => line)).toEqual(['c', 'd', 'a', 'b']);
  expect(verdict).toHaveProperty('fix', fix('one', 'two', 'three'));
});

test('the gravest severity counts, and a part without one is as grave as the control', () => {
  const low = fail('x', 'x', [], { severity: 'LOW' });
  const high = fail('y', 'y', [], { severity: 'HIGH' });
  expect(combine([low, high], '')).toHaveProperty('severity', 'HIGH');
  expect(combine([low, fails], '')).not.toHaveProperty('severity');
});

test('one UNKNOWN keeps the others from passing, and each is named once', () => {
  const verdict = combine([passes, open, unknown('timeout', 'e was slow'), open], 'all hold');
  expect(verdict).toMatchObject({ status: 'UNKNOWN', reason: 'denied', message: 'b was refused; e was slow' });
});

test('a PASS needs one part that passed, and says where it rests on a declaration', () => {
  const none = notApplicable('other-kind', 'not of this kind', [fact('n')]);
  expect(combine([none, passes], 'all hold')).toMatchObject({ status: 'PASS', reason: 'holds', message: 'all hold' });
  expect(combine([passes, pass('', [], 'declared')], 'all hold')).toHaveProperty('reason', 'declared');
  expect(combine([none], 'all hold')).toMatchObject({ status: 'NOT_APPLICABLE', reason: 'other-kind' });
  expect(combine([], 'all hold')).toMatchObject({ status: 'NOT_APPLICABLE', reason: 'nothing-to-judge' });
});
