import { expect, test } from 'vitest';
import type { StreamEvent } from '../../src/control/contract.ts';
import type { Sandbox } from '../../src/index.ts';
import { BASE, start } from './support.ts';

/** Reads the stream for as long as the test wants. */
async function listen(
  sandbox: Sandbox,
  query = '',
): Promise<{ next: () => Promise<StreamEvent>; end: () => Promise<void> }> {
  const response = await sandbox.fetch(`${BASE}/events${query}`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = '';
  return {
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end === -1) {
          text += (await reader.read()).value ?? '';
          continue;
        }
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) return JSON.parse(data);
      }
    },
    end: () => reader.cancel(),
  };
}

test('what happens is told as it happens, numbered', async () => {
  const { sandbox, control } = start();
  const stream = await listen(sandbox);
  const { body: payment } = await control('POST /payments', {
    body: { price: 10, webhookUrl: 'https://a.example/' },
  });
  const created = await stream.next();
  expect(created).toMatchObject({
    type: 'activity',
    resource: { kind: 'payment', id: payment.id },
    entry: { type: 'created' },
  });
  await control('POST /transfers', { body: { to: payment.cvu } });
  await sandbox.idle();
  const seen: StreamEvent[] = [];
  while (!seen.some((event) => event.type === 'notice' && event.notice.outcome === 'delivered')) {
    seen.push(await stream.next());
  }
  expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(['transfer', 'activity', 'notice']));
  const numbers = [created, ...seen].map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  await stream.end();
});

test('who was away gets what it missed, or is told that it is too much', async () => {
  const { sandbox, control } = start();
  await control('POST /merchants', { body: {} });
  const first = await listen(sandbox, '?after=0');
  const seen = await first.next();
  expect(seen).toMatchObject({ type: 'activity' });
  await first.end();
  for (let index = 0; index < 2100; index++) sandbox.faults.add({ times: 1 })();
  const later = await listen(sandbox, `?after=${seen.seq}`);
  const gap = await later.next();
  expect(gap.type).toBe('gap');
  // and what is still known comes after it, with nothing left out
  const { seq } = (await control('GET /status')).body;
  for (let next = gap.seq + 1; next <= seq; next++) expect((await later.next()).seq).toBe(next);
  await later.end();

  // one whose sandbox was started again meanwhile
  const newborn = start();
  await newborn.control('POST /merchants', { body: {} });
  const stranger = await listen(newborn.sandbox, `?after=${seq}`);
  expect(await stranger.next()).toEqual({ type: 'gap', seq: 0 });
  expect(await stranger.next()).toMatchObject({ type: 'activity', seq: 1 });
  await stranger.end();
});

test('a reader that is gone costs nothing', async () => {
  const { sandbox, control } = start();
  for (let index = 0; index < 50; index++) await (await listen(sandbox)).end();
  await control('POST /reset');
  const stream = await listen(sandbox);
  sandbox.faults.add({ times: 1 });
  expect(await stream.next()).toMatchObject({ type: 'changed', what: 'faults' });
  await stream.end();
});

test('a reader that does not read costs no more than so many bytes, and comes back for the rest', async () => {
  const { sandbox, control } = start();
  const response = await sandbox.fetch(`${BASE}/events`);
  const body = { url: 'https://a.example/', body: 'x'.repeat(100_000), times: 200 };
  await control('POST /notices/forge', { body });
  await sandbox.idle();
  // the end comes by itself: what was not kept for it is asked for anew, by the id of the last event
  const text = await response.text();
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(text.length).toBeLessThan(5_000_000);
  const last = Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]);
  const stream = await listen(sandbox, `?after=${last}`);
  expect((await stream.next()).seq).toBe(last + 1);
  await stream.end();
});
