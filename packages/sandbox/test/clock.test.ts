import { expect, test } from 'vitest';
import { createSandbox, type Duration } from '../src/index.ts';

test('a virtual clock stands still, and runs due timers in order at their own moment', async () => {
  const { clock } = createSandbox({ clock: 'virtual', startAt: new Date(0) });
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.now()]);
  clock.setTimeout(note('late'), 2000);
  clock.setTimeout(note('first'), 1000);
  clock.setTimeout(note('second'), 1000);
  const cancelled = clock.setTimeout(note('never'), 1500);
  clock.clearTimeout(cancelled);
  clock.setTimeout(() => clock.setTimeout(note('chained'), 100), 1000);
  clock.setTimeout(note('beyond'), 10_001);
  await clock.advance({ seconds: 10 });
  expect(seen).toEqual([
    ['first', 1000],
    ['second', 1000],
    ['chained', 1100],
    ['late', 2000],
  ]);
  expect([clock.now(), clock.monotonic()]).toEqual([10_000, 10_000]);
});

test('promises that a timer settles are followed before time goes on', async () => {
  const { clock } = createSandbox({ clock: 'virtual', startAt: new Date(0) });
  const seen: number[] = [];
  void (async () => {
    for (let step = 0; step < 3; step++) {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 1000));
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(clock.now());
    }
  })();
  await clock.advance({ seconds: 5 });
  expect(seen).toEqual([1000, 2000, 3000]);
});

test('what is due now needs no advance', async () => {
  const { clock } = createSandbox({ clock: 'virtual' });
  await new Promise<void>((resolve) => clock.setTimeout(resolve, 0));
});

test('advances called at once run one after the other', async () => {
  const { clock } = createSandbox({ clock: 'virtual', startAt: new Date(0) });
  await Promise.all([clock.advance({ minutes: 1 }), clock.advance({ hours: 1, ms: 5 })]);
  expect(clock.now()).toBe(3_660_005);
});

test.each([3_600_000, undefined, { milliseconds: 5 }, { hours: '1' }, { hours: Number.NaN }])(
  'advance(%j) is refused, with the right call',
  async (by) => {
    const { clock } = createSandbox({ clock: 'virtual', startAt: new Date(0) });
    const given: unknown = by;
    const message = await clock.advance(given as Duration).catch((error: unknown) => String(error));
    expect(message).toMatch(
      /^TaloConfigError: sandbox\.clock\.advance\(.*(\{ ms: 500 \} or \{ hours: 30 \}|\{ days, hours, minutes, seconds, ms \}|expected a number)/,
    );
    expect(clock.now()).toBe(0);
  },
);

test('time does not go back, and a real clock is not advanced', async () => {
  const virtual = createSandbox({ clock: 'virtual' }).clock;
  await expect(virtual.advance({ hours: -1 })).rejects.toThrow('Time only moves forward');
  const now = virtual.now();
  await expect(virtual.advance({ days: 1e9 })).rejects.toThrow('Time ends with the year 9999');
  expect(virtual.now()).toBe(now);
  const { clock } = createSandbox();
  await expect(clock.advance({ hours: 1 })).rejects.toThrow("createSandbox({ clock: 'virtual' })");
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  await new Promise<void>((resolve) => clock.setTimeout(resolve, 1));
  clock.clearTimeout(clock.setTimeout(() => expect.unreachable(), 5));
});

test('on a real clock the sandbox does everything by itself, and keeps no process alive', async () => {
  const sandbox = createSandbox({
    activationDelayMs: 20,
    partner: { webhookUrl: 'https://partner.example/' },
    receiver: () => {
      activated();
      return new Response();
    },
  });
  let activated = (): void => undefined;
  const notice = new Promise<void>((resolve) => {
    activated = resolve;
  });
  await sandbox.fetch(`http://x/authorize/${sandbox.partner.id}`, { method: 'POST' });
  const keepsTestAlive = setTimeout(() => undefined, 10_000);
  await notice;
  clearTimeout(keepsTestAlive);
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ outcome: 'delivered' }]);
});
