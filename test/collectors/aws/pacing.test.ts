import { expect, test } from 'vitest';
import { Pacer, Pacers } from '#collectors/aws/pacing.ts';

/** A clock that only moves when somebody waits. */
function paced(fraction: number) {
  let time = 0;
  const waits: number[] = [];
  const pacer = new Pacer(
    fraction,
    () => time,
    async (ms) => {
      waits.push(ms);
      time += ms;
    },
  );
  return { pacer, waits, time: () => time };
}

test('a quarter of the bucket goes at once, the rest at a quarter of the refill', async () => {
  const { pacer, time } = paced(0.25);
  for (let sent = 0; sent < 25; sent += 1) await pacer.turn();
  expect(time()).toBe(0);
  for (let sent = 0; sent < 50; sent += 1) await pacer.turn();
  // 5 requests a second.
  expect(time()).toBeCloseTo(10_000, 0);
});

test('throttles slow the pace down to an eighth at most, accepted requests bring it back', async () => {
  const { pacer, waits } = paced(0.25);
  for (let sent = 0; sent < 25; sent += 1) await pacer.turn();
  for (let times = 0; times < 10; times += 1) pacer.throttled();
  await pacer.turn();
  expect(waits.at(-1)).toBeCloseTo(1_600, 0);
  for (let times = 0; times < 50; times += 1) pacer.accepted();
  await pacer.turn();
  expect(waits.at(-1)).toBeCloseTo(200, 0);
});

test('each account and region has a bucket of its own, shared by all that read there', () => {
  const pacers = new Pacers(0.25);
  expect(pacers.of('1', 'eu-west-1')).toBe(pacers.of('1', 'eu-west-1'));
  expect(pacers.of('1', 'eu-west-1')).not.toBe(pacers.of('1', 'eu-west-2'));
  expect(pacers.of('1', 'eu-west-1')).not.toBe(pacers.of('2', 'eu-west-1'));
});

test('a wait ends when the time for the target is over', async () => {
  const pacer = new Pacer(0.01, () => 0);
  await pacer.turn();
  const started = performance.now();
  await pacer.turn(AbortSignal.timeout(20));
  expect(performance.now() - started).toBeLessThan(4_000);
});
