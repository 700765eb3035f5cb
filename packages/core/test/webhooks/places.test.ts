import { describe, expect, test } from 'vitest';
import { manualClock } from '../../src/testing/index.ts';
import { memoryInbox } from '../../src/webhooks/index.ts';
import { engineOf, FakeTalo, settled, transferNotice } from './support.ts';

const CUSTOMERS = 40;

async function notified(talo: FakeTalo, engine: ReturnType<typeof engineOf>): Promise<void> {
  for (let i = 0; i < CUSTOMERS; i++) {
    talo.transfer(`c${i}`, 't');
    await engine.receive(transferNotice(`c${i}`, 't'));
  }
}

describe('places', () => {
  test('a handler that hangs at every event takes no place from another handler', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    let [hanging, heard] = [0, 0];
    const hang = () => {
      hanging++;
      return new Promise(() => {});
    };
    engine.on('customer.transfer', hang, { name: 'broken' });
    engine.on('customer.transfer', () => heard++, { name: 'steady' });
    await engine.start();
    await notified(talo, engine);
    await settled();
    // no attempt has timed out by now
    clock.advance(2_000);
    await settled();
    expect(heard).toBe(CUSTOMERS);
    expect(hanging).toBe(8);
    await engine.stop({ deadline: 0 });
  });

  test('one handler by itself may have them all, and never more', async () => {
    const talo = new FakeTalo();
    const engine = engineOf(talo, { clock: manualClock() });
    let [running, most, heard] = [0, 0, 0];
    engine.on('customer.transfer', async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      heard++;
    });
    await notified(talo, engine);
    await engine.idle();
    expect([most, heard]).toEqual([16, CUSTOMERS]);
  });

  test('a handler that has all its places is not asked for again and again', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const inbox = memoryInbox();
    let claims = 0;
    const counting: typeof inbox = {
      ...inbox,
      claimDeliveries(...request) {
        claims++;
        return inbox.claimDeliveries(...request);
      },
    };
    const engine = engineOf(talo, { clock, inbox: counting });
    engine.on('customer.transfer', () => new Promise(() => {}), { name: 'broken' });
    engine.on('customer.transfer', () => {}, { name: 'steady' });
    await engine.start();
    await notified(talo, engine);
    await settled();
    claims = 0;
    for (let i = 0; i < 1_000; i++) {
      clock.advance(10);
      await Promise.resolve();
    }
    await settled();
    expect(claims).toBeLessThan(100);
    await engine.stop({ deadline: 0 });
  });
});
