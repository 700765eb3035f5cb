import { expect, test } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';
import { controlOf } from './control/support.ts';
import { aCustomer, aPayment } from './support/api.ts';

type Door = (url: string, init?: RequestInit) => Promise<Response>;

/** A day of an application, and everything that it was told. */
async function day(sandbox: Sandbox, door: Door, base: string): Promise<string[]> {
  const told: string[] = [];
  const { userId, clientId, clientSecret } = sandbox.merchant.credentials;
  let authorization: Record<string, string> = {};
  const call = async (method: string, path: string, body?: object): Promise<string> => {
    const answer = await door(`${base}${path}`, {
      method,
      headers: authorization,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = (await answer.text()).replaceAll(base, '');
    told.push(`${answer.status} ${answer.headers.get('x-request-id')} ${answer.headers.get('date')} ${text}`);
    return text;
  };
  const login = await call('POST', `/users/${userId}/tokens`, {
    client_id: clientId,
    client_secret: clientSecret,
  });
  authorization = { authorization: `Bearer ${JSON.parse(login).data.token}` };
  const customer = JSON.parse(await call('POST', '/customers/', aCustomer(userId, { customer_id: 'c-1' })));
  for (const order of ['order-1', 'order-2', 'order-3']) {
    const payment = JSON.parse(await call('POST', '/payments/', aPayment(userId, { external_id: order })));
    await call('POST', `/cvu/${payment.data.quotes[0].address}/faucet`, { amount: 400 });
  }
  await call('POST', `/cvu/${customer.data.bank_info.cvu}/faucet`, { amount: 1200 });
  sandbox.scenarios.run('friday-night', { minutes: 1, transfers: 10 });
  await sandbox.clock.advance({ hours: 31 });
  for (const order of ['order-1', 'order-2'])
    await call('GET', `/payments/VAR-${userId.slice(0, 8)}-${order}`);
  await call('GET', `/transactions/?user_id=${userId}`);
  await sandbox.fetch(`http://x/authorize/${sandbox.partner.id}?referred_user_id=u`, { method: 'POST' });
  return told;
}

async function run(options: SandboxOptions, overHttp: boolean): Promise<unknown[]> {
  const sandbox = createSandbox({ clock: 'virtual', receiver: () => new Response(), ...options });
  const base = overHttp ? (await sandbox.listen()).url : 'http://talo.localhost';
  const told = await day(sandbox, overHttp ? fetch : sandbox.fetch, base);
  const everything = [told, sandbox.snapshot(), sandbox.deliveries, sandbox.bank.transfers];
  await sandbox.close();
  return everything;
}

test.each([{}, { seed: 'one' }, { seed: 7, delivery: { duplicate: 1 } }])(
  'two runs with %j say the same to the last byte, in process and over HTTP',
  async (options) => {
    const first = await run(options, false);
    expect(await run(options, false)).toEqual(first);
    expect(await run(options, true)).toEqual(first);
  },
);

test('another seed gives other ids and CVUs, and a reset the same ones again', async () => {
  const [one] = await run({ seed: 'one' }, false);
  const [two] = await run({ seed: 'two' }, false);
  expect(two).not.toEqual(one);
  const sandbox = createSandbox({ clock: 'virtual', seed: 'one' });
  const control = controlOf(sandbox);
  const cvu = async (): Promise<string> => (await control('POST /payments', { body: { price: 1 } })).body.cvu;
  const first = await cvu();
  expect(await cvu()).not.toBe(first);
  sandbox.reset();
  expect(await cvu()).toBe(first);
});
