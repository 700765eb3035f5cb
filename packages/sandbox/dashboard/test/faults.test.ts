import { createSandbox } from '@talo/sandbox';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/control/contract.ts';
import { apiFault, webhookFault } from '../src/forms/fault-form.tsx';
import { dictionaries } from '../src/i18n/index.ts';
import { PRESETS } from '../src/views/fault-presets.ts';
import { describeFault } from '../src/views/fault-words.ts';

const typed = {
  status: '503',
  delay: '2000',
  jitter: '',
  copies: '2',
  method: '',
  route: '',
  kind: '',
  resource: '',
  percent: '100',
  times: '',
};

const EFFECTS = {
  api: [
    'status',
    'delay',
    'reset',
    'lose-response',
    'stall-body',
    'truncate',
    'html',
    'expire-token',
    'stale-read',
    'not-readable',
  ],
  webhook: ['drop', 'delay', 'duplicate', 'reorder', 'slow-answer'],
};

/** What the sandbox makes of a rule that the dashboard sends. */
async function add(fault: Fault): Promise<number> {
  const response = await createSandbox().fetch('http://127.0.0.1/_sandbox/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  return response.status;
}

describe('the sandbox takes', () => {
  test.each(PRESETS.map((preset) => [preset.title, preset.fault] as const))(
    'the ready-made %s',
    async (_title, fault) => {
      expect(await add(fault)).toBe(200);
    },
  );

  const full = { ...typed, kind: 'payment', resource: 'x', percent: '25', times: '3', jitter: '5' };

  test.each(EFFECTS.api)('a rule of our own: %s', async (effect) => {
    expect(await add(apiFault(effect, typed))).toBe(200);
    expect(await add(apiFault(effect, { ...full, method: 'GET', route: '/payments/:id' }))).toBe(200);
  });

  test.each(EFFECTS.webhook)('a rule of our own on the way back: %s', async (effect) => {
    expect(await add(webhookFault(effect, typed))).toBe(200);
    expect(await add(webhookFault(effect, full))).toBe(200);
  });

  test('no effect that it does not know', async () => {
    expect(await add({ effect: 'explode' } as unknown as Fault)).toBe(422);
  });
});

test('a fault that only varies, and one that only changes the retries, are said too', () => {
  const { en } = dictionaries;
  const jitter: Fault = { side: 'webhook', jitterMs: 1500, match: { probability: 0.5 } };
  expect(describeFault(jitter, en)).toBe(
    'Is slow: 0 ms – 1.5 s · From Talo to your application · 50 % of the time',
  );
  const retry: Fault = { side: 'webhook', retry: [1000, 60_000], match: { kind: 'payment' } };
  expect(describeFault(retry, en)).toBe('Sent again by the schedule: 1 s, 1 min · Payments');
});

test('a fault is said as a sentence, in both languages', () => {
  const fault = apiFault('status', {
    ...typed,
    method: 'GET',
    route: '/payments/:id',
    times: '3',
    percent: '25',
  });
  expect(describeFault(fault, dictionaries.en)).toBe(
    'HTTP 503 · GET /payments/:id · 3 times, 25 % of the time',
  );
  expect(describeFault(fault, dictionaries.es)).toBe(
    'HTTP 503 · GET /payments/:id · 3 veces, 25 % de las veces',
  );
  expect(describeFault(webhookFault('drop', { ...typed, times: '1' }), dictionaries.en)).toBe(
    'Is never sent · From Talo to your application · 1 time',
  );
});
