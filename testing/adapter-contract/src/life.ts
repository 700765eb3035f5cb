import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@talo/core';
import type { Inbox } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { expect, test } from 'vitest';
import type { Given } from './answers.ts';
import { type Application, application, PATH } from './application.ts';
import { deferred } from './deferred.ts';
import type { Served } from './driver.ts';
import { type Answer, exchange, listens, open } from './exchange.ts';
import { expectAnswer, SOON } from './expectation.ts';

/** Connections that send at the same time, and how many notifications are answered before the server is closed. */
const SENDERS = 8;
const BEFORE_CLOSING = 40;

/** How a server begins and ends. */
export function lifeContract({ driver, mount, leaves }: Given): void {
  /** @param run says how many notifications were acknowledged */
  const durable = async (run: (app: Application, served: Served) => Promise<number>) => {
    const folder = mkdtempSync(join(tmpdir(), 'talo-contract-'));
    const inbox = () => sqliteInbox({ path: join(folder, 'talo.db') }) as Inbox<never, never>;
    try {
      const app = application({ inbox: inbox() });
      const served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
      const told = await run(app, served);
      const after = application({ inbox: inbox() });
      const { hints } = await after.webhooks.stats();
      await after.webhooks.stop();
      return { told, stored: hints };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test.skipIf(leaves === 'nothing')('closed under load, it keeps what it acknowledged', async () => {
    const { told, stored } = await durable(async (app, served) => {
      let sent = 0;
      let received = 0;
      const enough = deferred<void>();
      const sender = async () => {
        for (;;) {
          const { query, body } = await app.payment(`load-${sent++}`);
          const answer = await exchange(`${served.url}${query}`, { body }).catch(() => undefined);
          // it listens no more
          if (answer === undefined) return;
          if (acknowledged(answer)) received++;
          if (received >= BEFORE_CLOSING) enough.resolve();
        }
      };
      const senders = Array.from({ length: SENDERS }, sender);
      await Promise.race([enough.promise, Promise.all(senders)]);
      await served.close();
      await Promise.all(senders);
      return received;
    });
    expect(told).toBeGreaterThanOrEqual(BEFORE_CLOSING);
    expect(stored).toBeGreaterThanOrEqual(told);
  });

  test.skipIf(leaves === 'nothing')('closed while a notification comes in, it answers it first', async () => {
    const { told, stored } = await durable(async (app, served) => {
      const { query, body } = await app.payment('late');
      const request = await open(`${served.url}${query}`, { body, headers: { expect: '100-continue' } });
      const closed = served.close();
      await request.send();
      const answer = await request.answer;
      request.end();
      await closed;
      return acknowledged(answer) ? 1 : 0;
    });
    expect(stored).toBe(told);
  });

  test.skipIf(leaves === 'nothing')(
    'what still comes while it closes gets the answer of the engine',
    async () => {
      const { told, stored } = await durable(async (app, served) => {
        const [first, second] = [await app.payment('first'), await app.payment('second')];
        const begun = await open(`${served.url}${first.query}`, { body: first.body, unfinished: true });
        // its head came later, so that of the other is there once this one is gone on with
        const taken = await open(`${served.url}${second.query}`, {
          body: second.body,
          headers: { expect: '100-continue' },
        });
        const closed = served.close();
        await expect.poll(() => listens(served.url), SOON).toBe(false);
        const answers: Answer[] = [];
        for (const request of [begun, taken]) {
          await request.send();
          answers.push(await request.answer);
          request.end();
        }
        await closed;
        return answers.filter(acknowledged).length;
      });
      expect(stored).toBe(told);
    },
  );

  test('closed, it leaves nothing open', async () => {
    // what an earlier test sent with may still be closing
    await expect.poll(() => sockets().includes('TCPSocketWrap'), SOON).toBe(false);
    const before = sockets();
    const timers = new Set<unknown>();
    const app = application({ clock: watching(timers) });
    const served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
    const { query, body } = await app.payment('closing');
    await exchange(`${served.url}${query}`, { body });
    expect(timers.size).toBeGreaterThan(0);
    await served.close();
    expect(timers.size).toBe(0);
    await expect.poll(sockets, SOON).toEqual(before);
    await expect(exchange(`${served.url}${query}`, { body })).rejects.toThrow();
    const outcome = await app.webhooks.receive({ method: 'POST', url: PATH + query, headers: {}, body });
    expect(outcome.reason).toBe('stopping');
  });
}

/** @returns whether it says so; what is refused while closing, the engine refuses, and Talo is told when to try again */
function acknowledged(answer: Answer): boolean {
  if (answer.status === 200) {
    expectAnswer(answer, 'received');
    return true;
  }
  // where the engine was closed while a body still came, there is no inbox left to put it in
  expectAnswer(answer, answer.body.includes('unavailable') ? 'unavailable' : 'stopping');
  return false;
}

function sockets(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kind.startsWith('TCP'))
    .sort();
}

/** Real time that knows which timers are still to come. */
function watching(timers: Set<unknown>): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout(run, ms) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      timers.delete(timer);
      clearTimeout(timer as NodeJS.Timeout);
    },
  };
}
