import { expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../src/index.ts';
import { refusal } from '../src/webhooks/targets.ts';
import { start } from './control/support.ts';

// Where webhooks go is said by whoever calls the API: none of it may leave this machine unasked, or stop the sandbox.

/** A state with a webhook that is still to be sent to another machine. */
async function pendingElsewhere(): Promise<ReturnType<Sandbox['snapshot']>> {
  const { sandbox, control } = start({ receiver: () => new Response(null, { status: 500 }) });
  const webhookUrl = 'http://192.0.2.1/webhooks/talo';
  const { body } = await control('POST /payments', { body: { price: 10, webhookUrl } });
  sandbox.bank.transfer({ to: body.cvu, amount: 1 });
  await sandbox.idle();
  return sandbox.snapshot();
}

test.each([
  'http://tu-sitio.com/',
  'http://localhost.tu-sitio.com/',
  'http://127.tu-sitio.com/',
  'http://notlocalhost/',
  'http://192.168.0.1/',
  'http://0.0.0.0/',
  'http://169.254.169.254/',
  'http://[::]/',
  'http://[::ffff:192.168.0.1]/',
  'http://[fe80::1]/',
  'http://127.0.0.1@tu-sitio.com/',
  'http://user:password@127.0.0.1/',
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'nowhere',
])('%s is refused', (url) => {
  expect(refusal(url, false)).toBeDefined();
  expect(refusal(url, false)).not.toContain('password@');
});

test.each([
  'http://localhost:3000/',
  'http://app.localhost:3000/',
  'http://127.0.0.1/',
  'http://127.1.2.3/',
  'http://[::1]/',
  'http://0x7f.1/',
])('%s is this machine', (url) => expect(refusal(url, false)).toBeUndefined());

test('what a state from somewhere else still has to send stays here, too', async () => {
  const state = await pendingElsewhere();
  const sandbox = createSandbox({ clock: 'virtual' });
  sandbox.restore(state);
  await sandbox.clock.advance({ hours: 3 });
  expect(sandbox.deliveries).toMatchObject([{ attempt: 0, outcome: 'refused' }]);
  expect(sandbox.snapshot().rows.filter(({ kind }) => kind === 'pending')).toEqual([]);
});

test('a URL that no request can be made of is a refusal, not the end of the sandbox', async () => {
  const { sandbox, control } = start();
  const { body } = await control('POST /payments', {
    body: { price: 10, webhookUrl: 'http://user:hush@127.0.0.1/hook' },
  });
  sandbox.bank.transfer({ to: body.cvu, amount: 1 });
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ attempt: 0, outcome: 'refused' }]);
  expect(sandbox.deliveries[0]?.reason).not.toContain('hush');
});

test('headers that HTTP does not know are refused, and a forgery that is no JSON can be sent again', async () => {
  const { sandbox, control, received } = start();
  const url = 'http://127.0.0.1:3000/hook';
  const refused = await control('POST /notices/forge', { body: { url, body: 'x', headers: { 'a b': 'c' } } });
  expect(refused.status).toBe(422);
  const forged = await control('POST /notices/forge', { body: { url, body: 'no JSON' } });
  await sandbox.idle();
  const [notice] = forged.body.notices;
  const params = { id: notice?.id ?? '' };
  const again = await control('POST /notices/:id/replay', { params });
  await sandbox.idle();
  const reordered = await control('POST /notices/reorder', { body: { ids: [notice?.id] } });
  await sandbox.idle();
  expect(received.map(({ body }) => body)).toEqual(['no JSON', 'no JSON', 'no JSON']);
  expect([...again.body.notices, ...reordered.body.notices].map(({ origin }) => origin)).toEqual([
    'forged',
    'forged',
  ]);
  expect(sandbox.deliveries).toEqual([]); // Talo never sent it
});
