// What an application does first, step by step. Runs as it is on Node 20, 22 and 24, with either format of the packages.
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const steps = {
  money({ core }) {
    const price = core.pesos('172029.37');
    assert.equal(price.centavos, 17_202_937);
    assert.deepEqual(core.addMoney(price, core.centavos(63)), core.pesos(172_030));
    assert.throws(() => core.pesos('0.001'));
    assert.match(core.formatMoney(price), /172\.029,37/);
  },

  errors({ core }) {
    const error = new core.TaloTransportError('TIMEOUT', 'unknown', 'too slow');
    assert.ok(error instanceof core.TaloError);
    assert.ok(core.TaloError.is(error));
    assert.equal(error.code, 'transport');
  },

  constraints({ core, constraints }) {
    assert.ok(constraints.cuit.is('20-12345678-6'));
    assert.equal(constraints.cuit.check('20-12345678-5').length, 1);
    assert.throws(() => constraints.cuit.parse('20-12345678-5'), core.TaloConstraintError);
  },

  async client({ core }) {
    const asked = [];
    const talo = new core.TaloClient({
      environment: { apiUrl: 'http://talo.invalid' },
      credentials: { userId: 'merchant', accessToken: 'secret-token' },
      async fetch(url, init) {
        asked.push(`${init.method} ${url}`);
        if (String(url).endsWith('/gone')) return Response.json({ error: true, code: 404 }, { status: 404 });
        const data = {
          id: 'p1',
          external_id: 'order-1',
          payment_status: 'SUCCESS',
          price: { amount: '1500.50', currency: 'ARS' },
        };
        return Response.json({ message: 'ok', error: false, code: 200, data });
      },
    });
    const payment = await talo.payments.get('p1');
    assert.equal(payment.externalId, 'order-1');
    assert.deepEqual(payment.price, core.pesos('1500.50'));
    assert.deepEqual(asked, ['GET http://talo.invalid/payments/p1']);
    await assert.rejects(
      talo.payments.get('gone'),
      (error) => error instanceof core.TaloApiError && error.status === 404,
    );
    assert.doesNotMatch(
      require('node:util').inspect(talo, { depth: 9 }) + JSON.stringify(talo),
      /secret-token/,
    );
  },

  async webhooks({ core, webhooks }) {
    const transfer = {
      transaction_id: 't1',
      transaction_status: 'PROCESSED',
      amount: '1500.50',
      currency: 'ARS',
    };
    const data = {
      id: 'p1',
      user_id: 'merchant',
      external_id: 'order-1',
      payment_status: 'SUCCESS',
      price: { amount: '1500.50', currency: 'ARS' },
      transactions: [transfer],
    };
    const client = new core.TaloClient({
      environment: { apiUrl: 'http://talo.invalid' },
      credentials: { userId: 'merchant', accessToken: 'secret-token' },
      fetch: async () => Response.json({ message: 'ok', error: false, code: 200, data }),
    });
    const logger = { warn() {}, error: assert.fail, info() {}, debug() {} };
    const engine = new webhooks.TaloWebhooks({ client, inbox: webhooks.memoryInbox(), logger });
    const paid = [];
    engine.on('payment.paid', (event) => paid.push(event.payment.externalId));
    await engine.start();
    const body = JSON.stringify({ message: 'Pago Actualizado', paymentId: 'p1', externalId: 'order-1' });
    const notification = () =>
      new Request('http://shop.invalid/webhooks/talo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    for (let i = 0; i < 3; i++) assert.equal((await engine.fetch(notification())).status, 200);
    await engine.idle();
    assert.deepEqual(paid, ['order-1']);
    await engine.stop();
  },

  async sandbox({ core, webhooks, sandbox }) {
    const local = sandbox.createSandbox({ receiver: (request) => engine.fetch(request) });
    const talo = new core.TaloClient({
      fetch: local.fetch,
      ...local.merchant,
      webhooks: { url: 'http://shop.invalid/webhooks/talo', secret: 'a secret of at least 32 characters' },
    });
    const logger = { warn() {}, error: assert.fail, info() {}, debug() {} };
    const engine = new webhooks.TaloWebhooks({ client: talo, inbox: webhooks.memoryInbox(), logger });
    const received = [];
    engine.on('payment.paid', (event) => received.push(event.payment.received.centavos));
    await engine.start();
    const payment = await talo.payments.create({ externalId: 'order-1', price: core.pesos('1500.50') });
    await local.bank.transfer({ to: payment.cvu, amount: core.pesos('1500.50') });
    await local.idle();
    await engine.idle();
    assert.deepEqual(received, [150_050]);
    await engine.stop();
  },

  async express(modules) {
    const shop = open(modules);
    const app = modules.express();
    app.use(modules.express.json());
    app.use('/webhooks/talo', modules.taloExpress.taloWebhookHandler(shop.engine));
    app.use(modules.taloExpress.taloMiddleware(shop.talo));
    app.get('/account', async (request, response) => {
      response.send((await request.talo.account.get()).status);
    });
    await shop.engine.start();
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await shop.sell(`http://127.0.0.1:${server.address().port}`);
    server.close();
    await shop.engine.stop();
  },

  async fastify(modules) {
    const shop = open(modules);
    const app = modules.fastify();
    const { engine: webhooks, talo: client } = shop;
    await app.register(modules.taloFastify.taloPlugin, { client, webhooks, path: '/webhooks/talo' });
    app.get('/account', async () => (await app.talo.account.get()).status);
    await shop.sell(await app.listen({ port: 0, host: '127.0.0.1' }));
    await app.close();
  },

  async inboxSqlite({ core, webhooks, inboxSqlite, sandboxTesting }) {
    const folder = mkdtempSync(join(tmpdir(), 'talo-scenario-'));
    const open = () => inboxSqlite.sqliteInbox({ path: join(folder, 'talo.db') });
    try {
      if (Number.parseInt(process.versions.node, 10) < 22) {
        assert.throws(open, /Node 22\.16 and newer/);
        return;
      }
      const t = sandboxTesting.testSandbox();
      const talo = new core.TaloClient({ ...t.client, webhooks: ROUTE });
      const engine = t.connect(
        new webhooks.TaloWebhooks({ client: talo, inbox: open(), clock: t.client.clock }),
      );
      const { cvu } = await talo.payments.create({ externalId: 'order-1', price: core.pesos('1500.50') });
      t.sandbox.bank.transfer({ to: cvu, amount: core.pesos('1500.50') });
      await t.idle();
      await t.expectCreditsEqualTransfers();
      await engine.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  async inboxConformance({ webhooks, inboxConformance: { inboxConformance } }) {
    const make = () => ({ inbox: webhooks.memoryInbox({ bound: 25_000 }) });
    const cases = inboxConformance.filter(({ name }) => name.startsWith('hints:'));
    assert.ok(cases.length > 0);
    for (const { run } of cases) await run(make);
  },
};

const ROUTE = { url: 'http://127.0.0.1/webhooks/talo', secret: 'a secret of at least 32 characters' };

/** A sandbox that notifies twice, wherever the application listens; a client and an engine. */
function open({ core, webhooks, sandbox }) {
  let url = '';
  const local = sandbox.createSandbox({
    delivery: { duplicate: 1 },
    receiver: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      return fetch(`${url}${pathname}${search}`, { method: 'POST', body, headers: request.headers });
    },
  });
  const talo = new core.TaloClient({ fetch: local.fetch, ...local.merchant, webhooks: ROUTE });
  const logger = { warn() {}, error: assert.fail, info() {}, debug() {} };
  const engine = new webhooks.TaloWebhooks({ client: talo, inbox: webhooks.memoryInbox(), logger });
  const paid = [];
  engine.on('payment.paid', (event) => paid.push(event.payment.externalId));
  return {
    talo,
    engine,
    /** Sells an order to somebody who pays it, and sees what the application at that address was told. */
    async sell(address) {
      url = address;
      const { cvu } = await talo.payments.create({ externalId: 'order-1', price: core.pesos('1500.50') });
      local.bank.transfer({ to: cvu, amount: core.pesos('1500.50') });
      await local.idle();
      await engine.idle();
      assert.deepEqual(
        local.deliveries.map(({ status }) => status),
        [200, 200],
      );
      assert.deepEqual(paid, ['order-1']);
      assert.equal(await (await fetch(`${address}/account`)).text(), 'ACTIVE');
    },
  };
}

/** Runs every step with the modules of one format. */
exports.run = async (modules) => {
  for (const [name, step] of Object.entries(steps)) {
    await step(modules);
    console.log(`  ${name}`);
  }
  console.log('scenario passed');
};
