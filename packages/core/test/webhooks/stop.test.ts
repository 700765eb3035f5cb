import { expect, test } from 'vitest';
import { manualClock } from '../../src/testing/index.ts';
import { type HintClaim, memoryInbox, type TaloEvent } from '../../src/webhooks/index.ts';
import { engineOf, FakeTalo, paymentNotice, processed, settled } from './support.ts';

/** Outlives an engine, as a file does. */
function keptInbox() {
  return { ...memoryInbox(), durable: true };
}

function paidOrder(): FakeTalo {
  const talo = new FakeTalo();
  talo.payment('VAR-1', { payment_status: 'SUCCESS', transactions: [processed('t1', '30000')] });
  return talo;
}

const HANDLERS: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  'that heeds its signal': (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  'that does not': () => new Promise(() => {}),
};

test.each(Object.keys(HANDLERS))(
  'an event whose handler was aborted at the deadline waits for no lease and counts no failure: a handler %s',
  async (name) => {
    const [talo, inbox] = [paidOrder(), keptInbox()];
    const clock = manualClock();
    const first = engineOf(talo, { inbox, clock });
    let began = () => {};
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    first.on('payment.paid', (_, { signal }) => {
      began();
      return HANDLERS[name]?.(signal);
    });
    await first.start();
    await first.receive(paymentNotice('VAR-1'));
    await running;
    await first.stop({ deadline: 0 });

    const second = engineOf(talo, { inbox, clock });
    const heard: [TaloEvent['type'], number][] = [];
    second.on('payment.paid', ({ type }, { attempt }) => void heard.push([type, attempt]));
    await second.idle();
    expect(heard).toEqual([['payment.paid', 1]]);
    expect(await second.dead()).toEqual([]);
    await second.stop();
  },
);

test('a look that was under way at the deadline is given back and counts as no attempt', async () => {
  const [talo, inbox] = [paidOrder(), keptInbox()];
  const first = engineOf(talo, { inbox, clock: manualClock() });
  let asked = () => {};
  const asking = new Promise<void>((resolve) => {
    asked = resolve;
  });
  talo.before = () => {
    asked();
    return new Promise(() => {});
  };
  await first.start();
  await first.receive(paymentNotice('VAR-1'));
  await asking;
  await first.stop({ deadline: 0 });
  await settled();

  const [again] = await inbox.claim(1, Number.MAX_SAFE_INTEGER, 1_000);
  expect(again).toMatchObject({ attempts: 0, origin: 'webhook', authenticated: true });
  expect((await inbox.backlog()).running).toBe(1);
});

test('what was claimed when the engine had stopped is given back untouched', async () => {
  const [talo, inbox] = [paidOrder(), keptInbox()];
  let answer: () => void = () => {};
  let claimed: (claims: readonly HintClaim[]) => void = () => {};
  const claiming = new Promise<readonly HintClaim[]>((resolve) => {
    claimed = resolve;
  });
  const slow = {
    ...inbox,
    async claim(...request: Parameters<typeof inbox.claim>) {
      const claims = await inbox.claim(...request);
      if (claims.length > 0) {
        claimed(claims);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      }
      return claims;
    },
  };
  const engine = engineOf(talo, { inbox: slow, clock: manualClock() });
  await engine.start();
  await engine.receive(paymentNotice('VAR-1'));
  const [claim] = await claiming;
  const stopped = engine.stop({ deadline: 0 });
  await settled();
  answer();
  await stopped;
  expect(talo.gets).toEqual([]);
  const [again] = await inbox.claim(1, Number.MAX_SAFE_INTEGER, 1_000);
  expect(again).toEqual({ ...claim, token: expect.any(Number) });
  expect((await inbox.backlog()).running).toBe(1);
});
