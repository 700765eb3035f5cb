import { Agent, type IncomingMessage, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Shared } from './answers.ts';
import { application, hasty, PATH } from './application.ts';
import { exchange, open, type Sending } from './exchange.ts';
import { type Expected, expectAnswer, SOON } from './expectation.ts';
import { LIMIT, padded } from './padded.ts';

/** What Talo would not send is refused, in time and within bounds. */
export function refusalsContract({ driver, mount, app, served, send, leaves, parser }: Shared): void {
  describe('what is no notification is refused', () => {
    const refused = async (sending: Sending, expected: Expected) => {
      const { query } = await app().payment('refused');
      expectAnswer(await send(query, sending), expected);
    };

    test('empty', async () => {
      await refused({ body: '' }, 'malformed');
      await refused({ body: '', chunked: true }, 'malformed');
      await refused({ headers: { 'content-length': undefined, 'content-type': undefined } }, 'malformed');
    });

    // whoever reads before us may well uncompress it
    test.skipIf(leaves !== 'stream')('compressed', async () => {
      const { body } = await app().payment('compressed');
      await refused(
        { body, headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' } },
        'malformed',
      );
    });

    test.each([
      ['an object without ids', '{"message":"Pago Actualizado"}'],
      ['an object with nothing', '{}'],
      ['a list', '[]'],
    ])('%s', (_name, body) => refused({ body }, 'malformed'));

    // a parser before us answers these itself
    test.skipIf(parser?.test('application/json')).each([
      ['no JSON', '{"message":'],
      ['a text', '"Pago Actualizado"'],
      ['nothing but null', 'null'],
      ['no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)],
    ])('%s', (_name, body) => refused({ body }, 'malformed'));

    test('one byte too long, whether it says so or not', async () => {
      const { body } = await app().payment('refused');
      await refused({ body: padded(body, LIMIT + 1) }, 'too-large');
      await refused({ body: padded(body, LIMIT + 1), chunked: true }, 'too-large');
    });

    // whoever reads before us waits for all of it
    test.skipIf(leaves !== 'stream')('far too long, before it has come', async () => {
      const headers = { 'content-length': String(50 * 1024 * 1024) };
      await refused({ body: '{"message":"Pago', headers }, 'too-large');
    });

    test.skipIf(leaves !== 'stream')(
      'one whose sender hangs up half-way, and nobody else notices',
      async () => {
        const { query, body } = await app().payment('hung up');
        const answered = async () =>
          Object.values(await app().answers()).reduce((sum, count) => sum + count, 0);
        const before = await answered();
        const headers = { 'content-length': String(body.length), expect: '100-continue' };
        const request = await open(`${served().url}${query}`, { body: body.slice(0, 16), headers });
        await request.send();
        request.end();
        await expect.poll(answered, SOON).toBe(before + 1);
        expectAnswer(await send(query, { body }), 'received');
      },
    );

    test.skipIf(leaves !== 'stream').each<[string, Sending['headers']]>([
      ['with a length', { 'content-length': '200' }],
      ['in chunks', { 'content-length': undefined, 'transfer-encoding': 'chunked' }],
    ])('one that stops half-way, %s', async (_name, headers = {}) => {
      const slow = application({ clock: hasty });
      const server = await driver.start({ webhooks: slow.webhooks, path: PATH, mount });
      try {
        const { query } = await slow.payment('slow');
        const begun = '{"message":"Pago';
        const body = headers['transfer-encoding'] ? `10\r\n${begun}\r\n` : begun;
        expectAnswer(await exchange(`${server.url}${query}`, { body, headers }), 'slow-body');
      } finally {
        await server.close();
      }
    });
  });

  test('a connection that is kept goes on after a refusal', async () => {
    const { query, body } = await app().payment('kept');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers: (number | undefined)[] = [];
    for (const sent of [body, padded(body, 4 * LIMIT), body, '{}', body]) {
      const answer = await post(`${served().url}${query}`, sent, agent);
      answers.push(answer.statusCode);
      await answer.toArray();
    }
    agent.destroy();
    expect(answers).toEqual([200, 413, 200, 400, 200]);
  });
}

/** By Node's own client, which uses a connection again if the server lets it. */
function post(url: string, body: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    request(url, { method: 'POST', agent, headers }, resolve).once('error', reject).end(body);
  });
}
