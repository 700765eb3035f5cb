import { TaloClient } from '@talo/core';
import { createSandbox } from '@talo/sandbox';
import { expect, test } from 'vitest';
import { creditSnippet, snippet } from '../src/lib/snippet.ts';

const merchant = { userId: 'f61876b0', clientId: 'sandbox', clientSecret: 'sandbox' };
const url = 'http://127.0.0.1:4600';

test('the .env is what TaloClient.fromEnv reads', () => {
  const lines = snippet('env', { url, merchant }).split('\n');
  const names = lines.map((line) => line.split('=', 1)[0]);
  expect(names).toEqual(['TALO_API_URL', 'TALO_USER_ID', 'TALO_CLIENT_ID', 'TALO_CLIENT_SECRET']);
  for (const line of lines) {
    const [name = '', value = ''] = line.split('=');
    process.env[name] = value;
  }
  expect(() => TaloClient.fromEnv()).not.toThrow();
  for (const name of names) delete process.env[name ?? ''];
});

test('the others name the same address and credentials', () => {
  for (const kind of ['node', 'curl'] as const) {
    const text = snippet(kind, { url, merchant });
    for (const value of [url, ...Object.values(merchant)]) expect(text).toContain(value);
  }
});

test('a credit is reported with what the command says', async () => {
  const sandbox = createSandbox();
  const body = { price: 100, externalId: "it's" };
  const headers = { 'content-type': 'application/json' };
  const made = await sandbox.fetch(`${url}/_sandbox/payments`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const { id, userId } = (await made.json()) as { id: string; userId: string };
  const command = creditSnippet(url, { kind: 'payment', userId, id, amount: '100' });
  const sent = /-d '(.*)'$/s.exec(command)?.[1]?.replaceAll("'\\''", "'") ?? '';
  const answer = await sandbox.fetch(`${url}/_sandbox/credits`, { method: 'POST', headers, body: sent });
  expect(answer.status).toBe(200);
});
