import { expect } from 'vitest';
import type { Outcome } from './readers.ts';

/** What the spoiled response decided is UNKNOWN; everything else is judged as before. */
export function expectOnlyMalformed(sound: Outcome, spoiled: Outcome, message: string): void {
  const known = new Set(sound.gaps.map((gap) => gap.message));
  const gaps = spoiled.gaps.filter((gap) => !known.has(gap.message));
  expect(gaps.length).toBeGreaterThan(0);
  for (const gap of gaps) expect(gap).toMatchObject({ reason: 'malformed-answer', message });
  expect(spoiled.verdicts).toHaveLength(sound.verdicts.length);
  const changed = spoiled.verdicts.filter(([, verdict], index) => verdict !== sound.verdicts[index]?.[1]);
  expect(changed.length).toBeGreaterThan(0);
  expect(new Set(changed.map(([, verdict]) => verdict))).toEqual(new Set(['UNKNOWN malformed-answer']));
  expect(changed.length).toBeLessThan(sound.verdicts.length);
}
