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
import { exchange, open } from './exchange.ts';
import { expectAnswer, SOON } from './expectation.ts';

/** Connections that send at the same time, and how many notifications are answered before the server is closed. */
const SENDERS = 8;
const BEFORE_CLOSING = 40;

/** How a server begins and ends. */
export function lifeContract({ driver, mount, leaves }: Given): void {
  const durable = async (run: (app: Application, served: Served) => Promise<number>) => {
    const folder = mkdtempSync(join(tmpdir(), 'talo-contract-'));
    const inbox = () => sqliteInbox({ path: join(folder, 'talo.db') }) as Inbox<never, never>;
    try {
      const app = application({ inbox: inbox() });
      const served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
      const acknowledged = await run(app, served);
      const after = application({ inbox: inbox() });
      const { hints } = await after.webhooks.stats();
      await after.webhooks.stop();
      return { acknowledged, hints };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test.skipIf(leaves === 'nothing')('closed under load, it keeps what it acknowledged', async () => {
    const { acknowledged, hints } = await durable(async (app, served) => {
      let sent = 0;
      let received = 0;
      const enough = deferred<void>();
      const sender = async () => {
        for (;;) {
          const { query, body } = await app.payment(`load-${sent++}`);
          const answer = await exchange(`${served.url}${query}`, { body }).catch(() => undefined);
          // it listens no more
          if (answer === undefined) return;
          expect([200, 503]).toContain(answer.status);
          if (answer.status === 200) {
            expectAnswer(answer, 'received');
            received++;
          }
          if (received >= BEFORE_CLOSING) enough.resolve();
        }
      };
      const senders = Array.from({ length: SENDERS }, sender);
      await Promise.race([enough.promise, Promise.all(senders)]);
      await served.close();
      await Promise.all(senders);
      return received;
    });
    expect(acknowledged).toBeGreaterThanOrEqual(BEFORE_CLOSING);
    expect(hints).toBeGreaterThanOrEqual(acknowledged);
  });

  test.skipIf(leaves === 'nothing')('closed while a notification comes in, it answers it first', async () => {
    const { acknowledged, hints } = await durable(async (app, served) => {
      const { query, body } = await app.payment('late');
      const request = await open(`${served.url}${query}`, { body, headers: { expect: '100-continue' } });
      const closed = served.close();
      await request.send();
      const answer = await request.answer;
      request.end();
      await closed;
      return answer.status === 200 ? 1 : 0;
    });
    expect(hints).toBe(acknowledged);
  });

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
