import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import { brief, evidence, PUBLIC, verdictOf } from './builders.ts';

/** How each state of a cluster is treated: of a cluster whose flags are good, and of one whose public endpoint is on. */
const EVALUATED = ['PASS holds', 'FAIL public-on'];
const NOT_YET = ['UNKNOWN transitional-state', 'FAIL public-on'];
const NO_MASTER = ['UNKNOWN transitional-state', 'UNKNOWN transitional-state'];
const UNRECOGNISED = ['UNKNOWN unrecognised-value', 'UNKNOWN unrecognised-value'];

test.each([
  ['requested', NOT_YET],
  ['deploying', NOT_YET],
  ['pending', EVALUATED],
  ['normal', EVALUATED],
  ['warning', EVALUATED],
  ['critical', EVALUATED],
  ['updating', EVALUATED],
  ['unsupported', EVALUATED],
  ['update failed', EVALUATED],
  ['update_failed', EVALUATED],
  ['update canceled', EVALUATED],
  ['update_cancelled', EVALUATED],
  ['scaled down', EVALUATED],
  ['deleting', EVALUATED],
  ['aborted', EVALUATED],
  ['delete_failed', EVALUATED],
  ['deploy_failed', NO_MASTER],
  ['create failed', NO_MASTER],
  ['hibernating', UNRECOGNISED],
  ['', UNRECOGNISED],
] as const)('state %s', (state, expected) => {
  const closed = evidence({}, { state: given(state) });
  const open = evidence({}, { state: given(state), nestedPublic: given(true), nestedPublicUrl: given(PUBLIC) });
  expect([closed, open].map((subject) => brief(verdictOf('iks-public-endpoint', subject)))).toEqual(expected);
});

test.each([
  ['deployed', EVALUATED],
  ['updating', EVALUATED],
  ['update_failed', EVALUATED],
  ['deleting', EVALUATED],
  ['deploying', NOT_YET],
  ['deploy_failed', NO_MASTER],
] as const)('state pending with masterState %s', (masterState, expected) => {
  const of = { state: given('pending'), masterState: given(masterState) };
  const closed = evidence({}, of);
  const open = evidence({}, { ...of, nestedPublic: given(true), nestedPublicUrl: given(PUBLIC) });
  expect([closed, open].map((subject) => brief(verdictOf('iks-public-endpoint', subject)))).toEqual(expected);
});

describe('what a state adds', () => {
  test.each(['deleting', 'aborted', 'delete_failed'])(
    '%s is marked as being deleted, in message and proof',
    (state) => {
      const { message, proof } = verdictOf('iks-private-endpoint', evidence({}, { state: given(state) }));
      expect(message).toMatch(/being deleted/);
      expect(proof.at(-1)).toMatchObject({ field: 'state', value: state });
    },
  );

  test('an unrecognised one is kept as it came', () => {
    expect(verdictOf('iks-closed', evidence({}, { state: given('Hibernating') })).message).toContain('Hibernating');
  });

  test('none at all is no answer', () => {
    expect(brief(verdictOf('iks-public-endpoint', evidence({}, { state: ABSENT })))).toBe('UNKNOWN absent-field');
  });
});
