import { describe, expect, test } from 'vitest';
import { compareStamps, isAhead } from '#domain/run.ts';

const AT = '2026-11-29T03:00:00.000Z';
const stamp = (runId: string, evaluatedAt = AT) => ({ runId, evaluatedAt });

describe('the order of two scans', () => {
  test('the later one wins, whatever its run is called', () => {
    expect(compareStamps(stamp('b'), stamp('a', '2026-11-29T03:00:00.001Z'))).toBe(-1);
    expect(compareStamps(stamp('a', '2026-11-29T03:00:00.001Z'), stamp('b'))).toBe(1);
  });

  test('two of one millisecond are ordered by their run, the same from both sides', () => {
    expect(compareStamps(stamp('run-a'), stamp('run-b'))).toBe(-1);
    expect(compareStamps(stamp('run-b'), stamp('run-a'))).toBe(1);
  });

  test('the same scan is neither before nor after itself', () => {
    expect(compareStamps(stamp('run-a'), stamp('run-a'))).toBe(0);
  });
});

describe('a time ahead of the clock', () => {
  const now = Date.parse(AT);
  test.each([
    ['a day and a millisecond', 24 * 3_600_000 + 1, true],
    ['a day', 24 * 3_600_000, false],
    ['now', 0, false],
  ])('%s', (_case, ahead, expected) => {
    expect(isAhead(new Date(now + ahead).toISOString(), now)).toBe(expected);
  });
});
