import { pesos, TaloClient } from '@talo/core';
import { memoryInbox, TaloWebhooks, type VerifierInput } from '@talo/core/webhooks';
import { createSandbox } from '@talo/sandbox';
import { describe, expect, test } from 'vitest';
import type { Given } from './answers.ts';
import { application, PATH } from './application.ts';
import { exchange } from './exchange.ts';
import { expectAnswer } from './expectation.ts';

/** What depends on where and how the route is mounted. */
export function mountContract({ driver, mount, leaves }: Given): void {
  describe('a verifier that needs the bytes', () => {
    // blanks, escapes, order, a sign of its own for each way in which a body made anew would differ
    const odd =
      '\t{ "message" : "Pago Actualizado",\r\n "externalId":"\\u00f1 ñ 🏦", "n": 1.50e+02,\n"paymentId":"VAR-odd" }  ';

    test(leaves === 'stream' || leaves === 'bytes' ? 'gets them as they came' : 'is not fooled', async () => {
      const seen: VerifierInput[] = [];
      const app = application({
        verifier: (input) => {
          seen.push(input);
          return undefined;
        },
      });
      const served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
      try {
        const { query } = await app.payment('odd');
        const headers = { 'X-Talo-Signature': 'sha256=00' };
        const answer = await exchange(`${served.url}${query}`, { body: odd, headers });
        if (leaves === 'stream' || leaves === 'bytes') {
          expectAnswer(answer, 'received');
          expect(seen.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual([
            Buffer.from(odd).toString('hex'),
          ]);
          expect(seen[0]?.headers['x-talo-signature']).toBe('sha256=00');
          expect(seen[0]?.url).toMatch(new RegExp(`${PATH}\\${query.slice(0, 6)}`));
        } else {
          expectAnswer(answer, leaves === 'parsed' ? 'raw-body-missing' : 'body-consumed');
          expect(seen).toEqual([]);
          expect(app.log.join('\n')).toContain('rawBody');
        }
      } finally {
        await served.close();
      }
    });
  });

  test.skipIf(leaves === 'nothing')('an inbox that fails is a 503, so that Talo may try again', async () => {
    const broken = { put: () => Promise.reject(new Error('the disk is full')) };
    const app = application({ inbox: Object.assign(memoryInbox(), broken) });
    const served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
    try {
      const { query, body } = await app.payment('1');
      expectAnswer(await exchange(`${served.url}${query}`, { body }), 'unavailable');
      expect(app.log.join('\n')).toContain('the disk is full');
    } finally {
      await served.close();
    }
  });

  // where nothing is stored, the log has that to say first
  test.skipIf(leaves === 'nothing')('a path that Talo is not told is explained', async () => {
    const app = application();
    const served = await driver.start({ webhooks: app.webhooks, path: '/somewhere/else', mount });
    try {
      const { query, body } = await app.payment('elsewhere');
      await exchange(`${served.url}${query}`, { body });
      const told = app.log.filter((line) => line.includes('/somewhere/else') && line.includes(PATH));
      expect(told).toHaveLength(1);
      expect(told[0]).not.toContain('talo=');
    } finally {
      await served.close();
    }
  });

  test.skipIf(leaves === 'nothing')('what the bank moved is what is credited', async () => {
    let address = '';
    const sandbox = createSandbox({
      // Talo's webhooks take the way over the socket, wherever the server happens to listen
      receiver: async (request) => {
        const { search } = new URL(request.url);
        const headers = { 'content-type': 'application/json' };
        return fetch(`${address}${search}`, { method: 'POST', headers, body: await request.text() });
      },
    });
    const client = new TaloClient({
      ...sandbox.merchant,
      fetch: sandbox.fetch,
      webhooks: { url: `https://shop.example${PATH}`, secret: 'a secret of more than sixteen characters' },
    });
    const silent = { warn() {}, error() {} };
    const webhooks = new TaloWebhooks({
      client,
      inbox: memoryInbox(),
      reconcile: false,
      logger: silent,
    });
    const paid: (string | undefined)[] = [];
    webhooks.on('payment.paid', (event) => void paid.push(event.payment.externalId));
    webhooks.on('customer.transfer', (event) => void paid.push(event.customerId));
    const served = await driver.start({ webhooks, path: PATH, mount });
    address = served.url;
    try {
      const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
      const customer = await client.customers.create({
        customerId: '123456789',
        alias: 'abcdabcd',
        name: 'Carla Perez',
        email: 'carla@example.com',
      });
      sandbox.bank.transfer({ to: payment.alias, amount: pesos(1000) });
      sandbox.bank.transfer({ to: customer.cvu, amount: pesos('250.75') });
      await sandbox.idle();
      await webhooks.idle();
      expect(paid.toSorted()).toEqual(['123456789', 'order-1']);
      expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
      const answered = sandbox.deliveries.map(({ status }) => status);
      expect(answered.length).toBeGreaterThan(1);
      expect(new Set(answered)).toEqual(new Set([200]));
    } finally {
      await served.close();
    }
  });
}
