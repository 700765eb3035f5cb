import { afterEach, expect, test, vi } from 'vitest';
import { start } from './support.ts';

const HOUR = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A sandbox whose process has run for days, on a clock that runs. */
function begin(): ReturnType<typeof start> {
  const since = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => since() + 11 * 24 * HOUR);
  return start({ clock: 'real' });
}

test('a running clock that several move at once goes as far as they say together, and runs on', async () => {
  const { sandbox, control } = begin();
  const { clock } = sandbox;
  const before = { now: clock.now(), monotonic: clock.monotonic() };
  const seen: number[] = [];
  clock.setTimeout(() => seen.push(clock.now() - before.now), 90 * 60_000);
  const answers = await Promise.all([
    control('POST /clock/advance', { body: { hours: 1 } }),
    control('POST /clock/advance', { body: { hours: 2 } }),
    control('POST /clock/advance', { body: { days: 1e9 } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 422]);
  for (const passed of [clock.now() - before.now, clock.monotonic() - before.monotonic]) {
    expect(passed).toBeGreaterThanOrEqual(3 * HOUR);
    expect(passed).toBeLessThan(3 * HOUR + 60_000);
  }
  expect(seen).toHaveLength(1);
  expect(seen[0]).toBeLessThan(1.5 * HOUR + 60_000);
  expect(clock.kind).toBe('real');
  await new Promise<void>((resolve) => clock.setTimeout(resolve, 1));
});

test('a timer that is not due on the way keeps its moment, once time runs on', async () => {
  const { sandbox, control } = begin();
  const { clock } = sandbox;
  const began = clock.now();
  const fired = new Promise<number>((resolve) => clock.setTimeout(() => resolve(clock.now()), HOUR + 500));
  await control('POST /clock/advance', { body: { hours: 1 } });
  expect((await fired) - began).toBeGreaterThanOrEqual(HOUR + 499);
  const again = new Promise<void>((resolve) => clock.setTimeout(resolve, 50));
  await control('POST /clock/freeze');
  await control('POST /clock/run');
  await again;
});

test.each<[string, object]>([
  ['beyond the last year', { days: 1e9 }],
  ['backwards', { hours: -1 }],
  ['by what is no duration', { fortnights: 1 }],
])('a running clock that is moved %s runs on', async (_how, body) => {
  const { sandbox, control } = begin();
  expect((await control('POST /clock/advance', { body })).status).toBe(422);
  expect((await control('GET /clock')).body.mode).toBe('real');
  await new Promise<void>((resolve) => sandbox.clock.setTimeout(resolve, 1));
});

test('who stops or starts time while it is moved gets that in the end', async () => {
  const { sandbox, control } = begin();
  const { clock } = sandbox;
  const began = clock.now();
  const moving = control('POST /clock/advance', { body: { hours: 1 } });
  await control('POST /clock/freeze');
  await moving;
  const stopped = clock.now();
  expect(clock.kind).toBe('virtual');
  expect(stopped - began).toBeGreaterThanOrEqual(HOUR);
  expect(stopped - began).toBeLessThan(HOUR + 60_000);

  const advancing = clock.advance({ hours: 1 });
  await control('POST /clock/run');
  await advancing;
  expect(clock.kind).toBe('real');
  expect(clock.now() - stopped).toBeGreaterThanOrEqual(HOUR);
  expect(clock.now() - stopped).toBeLessThan(HOUR + 60_000);
});
