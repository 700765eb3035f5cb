import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { tokens } from '../src/http/pages/style.ts';
import { createSandbox, type Sandbox } from '../src/index.ts';
import { controlOf } from './control/support.ts';

const browser = { accept: 'text/html,*/*' };

async function open(
  sandbox: Sandbox,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; policy: string }> {
  const response = await sandbox.fetch(`http://talo.localhost${path}`, {
    headers: { ...browser, ...headers },
  });
  return {
    status: response.status,
    text: await response.text(),
    policy: response.headers.get('content-security-policy') ?? '',
  };
}

async function withPayment(
  more: object = {},
): Promise<{ sandbox: Sandbox; path: string; cvu: string; stream: string }> {
  const sandbox = createSandbox({ clock: 'virtual' });
  const { body } = await controlOf(sandbox)('POST /payments', { body: { price: 1000, ...more } });
  return {
    sandbox,
    path: `/payments/${body.id}`,
    cvu: body.cvu,
    stream: `/_sandbox/checkout/${body.userId}/${body.id}`,
  };
}

test('the checkout says whom, how much and where to, in the language of the payer', async () => {
  const { sandbox, path, cvu } = await withPayment({ motive: 'Cuota <b>3</b>' });
  const spanish = await open(sandbox, path, { 'accept-language': 'fr, es-AR;q=0.9' });
  for (const part of [
    'lang="es"',
    'Transferí exactamente',
    '1.000,00',
    cvu,
    'bami.',
    'Bami SRL',
    'no es Talo',
  ]) {
    expect(spanish.text).toContain(part);
  }
  expect(spanish.text).toContain('Cuota &lt;b&gt;3&lt;/b&gt;');
  const english = await open(sandbox, path, { 'accept-language': 'en-GB,es;q=0.5' });
  expect(english.text).toContain('Transfer exactly');
  for (const path of ['/payments/VAR-none', '/authorize/nobody']) {
    const unknown = await open(sandbox, path);
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('Acá no hay nada');
  }
});

test('nothing runs on a page but its own script, and no value can end it', async () => {
  const { sandbox, path } = await withPayment({
    motive: '</script><script>alert(1)</script>',
    redirectUrl: 'https://shop.example/?a=</script><script>',
  });
  const { text, policy } = await open(sandbox, path);
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
  expect(policy).toContain("default-src 'none'");
  expect(text.match(/<script/g)).toHaveLength(1);
  expect(text).toContain(`<script nonce="${nonce}">`);
  expect(text).not.toContain('alert(1)</script>');
  const again = await open(sandbox, path);
  expect(again.policy).not.toBe(policy);
});

test('the script is one that runs, and shows what it is told', async () => {
  const { sandbox, path, stream } = await withPayment({ redirectUrl: 'https://shop.example/thanks' });
  const { text } = await open(sandbox, path);
  const script = /<script nonce="[^"]+">([\s\S]*)<\/script>/.exec(text)?.[1] ?? '';
  const element = (): Record<string, unknown> => ({ dataset: {}, textContent: '', hidden: false, href: 'x' });
  const parts = new Map<string, Record<string, unknown>>();
  let heard = (_event: { data: string }): void => undefined;
  let asked = '';
  let closed = false;
  const left: string[] = [];
  runInNewContext(script, {
    document: {
      getElementById: (id: string) => parts.get(id) ?? parts.set(id, element()).get(id),
      querySelectorAll: () => [],
      addEventListener: () => undefined,
      hidden: false,
    },
    performance: { now: () => 0 },
    setInterval: () => 0,
    setTimeout: (run: () => void) => run(),
    clearTimeout: () => undefined,
    location: { assign: (to: string) => left.push(to) },
    EventSource: function EventSource(this: object, url: string) {
      asked = url;
      Object.assign(this, {
        addEventListener(_name: string, listener: typeof heard) {
          heard = listener;
        },
        close() {
          closed = true;
        },
      });
    },
  });
  expect(asked).toBe(`${stream}?language=es`);
  const state = {
    status: 'SUCCESS',
    message: 'Pago recibido',
    tone: 'good',
    amount: '$ 1',
    amountLabel: 'x',
  };
  heard({
    data: JSON.stringify({ ...state, open: false, paid: true, expiresAt: 61_000, now: 0, frozen: true }),
  });
  expect(parts.get('state')).toMatchObject({ textContent: 'Pago recibido', dataset: { tone: 'good' } });
  expect(parts.get('how')).toMatchObject({ hidden: true });
  expect(parts.get('left')).toMatchObject({ textContent: '0:01:01' });
  expect(left).toEqual(['x']);
  expect(closed).toBe(true);
});

test('the open page hears of each part, of the rest, and of time', async () => {
  const { sandbox, stream, cvu } = await withPayment();
  const response = await sandbox.fetch(`http://talo.localhost${stream}?language=en`);
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = '';
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) text += (await reader.read()).value ?? '';
  };
  await until('Waiting for your transfer');
  sandbox.bank.transfer({ to: cvu, amount: 400 });
  await until('"status":"UNDERPAID"');
  await until('600,00');
  sandbox.bank.transfer({ to: cvu, amount: 600 });
  await until('"paid":true');
  await sandbox.clock.advance({ hours: 1 });
  await until(`"now":${sandbox.clock.now()}`);
  await reader.cancel();
  sandbox.bank.transfer({ to: cvu, amount: 1 });
  expect((await sandbox.fetch(`http://talo.localhost/_sandbox/checkout/x/y`)).status).toBe(404);
});

test('a page that does not read costs one state, and is then told the present one', async () => {
  const { sandbox, stream, cvu } = await withPayment();
  const response = await sandbox.fetch(`http://talo.localhost${stream}?language=en`);
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  for (let sent = 0; sent < 1000; sent += 1) {
    sandbox.bank.transfer({ to: cvu, amount: 1 });
    await sandbox.idle();
  }
  let text = '';
  while (!text.includes('"status":"SUCCESS"')) text += (await reader.read()).value ?? '';
  // the first, what the pipe took meanwhile, the last
  expect(text.match(/event: state/g)?.length).toBeLessThan(10);
  await reader.cancel();
});

test('a partner asks for consent, and the browser may follow back to it alone', async () => {
  const sandbox = createSandbox({ partner: { redirectUri: 'https://partner.example/back?keep=1' } });
  const path = `/authorize/${sandbox.partner.id}?referred_user_id=user-7`;
  const page = await open(sandbox, path);
  for (const part of ['Conectar con La mejor app', 'user-7', 'Autorizar', '2 %'])
    expect(page.text).toContain(part);
  expect(page.text).toContain('https://partner.example/back?keep=1&amp;error=access_denied');
  expect(page.policy).toContain("form-action 'self' https://partner.example;");
  const consented = await sandbox.fetch(`http://talo.localhost${path}`, {
    method: 'POST',
    redirect: 'manual',
  });
  expect(consented.status).toBe(303);
  expect(consented.headers.get('location')).toMatch(/^https:\/\/partner\.example\/back\?keep=1&code=\w{32}$/);
  // another site's form consents to nothing: it is led to the page that asks
  const foreign = await sandbox.fetch(`http://talo.localhost${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(foreign.status).toBe(303);
  expect(foreign.headers.get('location')).not.toContain('code=');
});

test('the pages have the colours of the dashboard', () => {
  const css = readFileSync(new URL('../dashboard/src/styles/tokens.css', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(tokens)) expect(css).toContain(`  --${name}: ${value};\n`);
});

test('people are beside the API: its faults do not meet them, and its log does not have them', async () => {
  const { sandbox, path } = await withPayment();
  const consent = `/authorize/${sandbox.partner.id}`;
  sandbox.faults.add({ effect: 'reset', times: 1 });
  for (const page of [path, consent, '/payments/VAR-none', '/payments/%ff']) await open(sandbox, page);
  expect((await open(sandbox, '/favicon.ico')).status).toBe(204);
  await sandbox.fetch(`http://talo.localhost${consent}`, { method: 'POST' });
  expect(sandbox.requests).toEqual([]);
  // the fault is still there for whom it was meant
  await expect(sandbox.fetch(`http://talo.localhost${path}`)).rejects.toThrow('fetch failed');
  expect(sandbox.requests).toHaveLength(1);
  // who asks as a program gets the API's answer
  expect((await sandbox.fetch(`http://talo.localhost${path}`)).headers.get('content-type')).toContain('json');
});

test('a form for a partner that is not there is refused in the words of the API', async () => {
  const { sandbox } = await withPayment();
  const answer = await sandbox.fetch('http://talo.localhost/authorize/nobody', { method: 'POST' });
  expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ error: true })]);
});
