// An application in a process of its own, which kills itself at the point that it is told, or stops there.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Clock } from '@talo/core';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { fetchOf, inboxOf, Life } from '../life.ts';
import { PACE, WEBHOOK_URL } from './apart.ts';
import { type Command, createApplication } from './application.ts';
import { TAKEOVER_MS } from './here.ts';
import { strikerAt } from './points.ts';

const env = (name: string): string => process.env[name] ?? '';
const began = Number(env('BEGAN'));
let skipped = Number(env('SKIPPED'));

/** Time that goes faster, on from where the process before left it. */
const clock: Clock = {
  now: () => began + skipped + (Date.now() - began) * PACE,
  monotonic: () => skipped + performance.now() * PACE,
  setTimeout: (run, ms) => setTimeout(run, ms / PACE),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

const life = new Life();
const signal = env('SIGNAL') === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';
const striker = strikerAt(
  env('POINT') === '' ? undefined : env('POINT'),
  () => process.kill(process.pid, signal),
  {
    deadly: signal === 'SIGKILL',
  },
);
const plainInbox = sqliteInbox({ path: env('DATABASE'), takeover: TAKEOVER_MS });
let fenced = 0;
const { webhooks, status, reconcile, create, reprice } = createApplication({
  talo: {
    apiUrl: env('TALO_URL'),
    userId: env('TALO_USER'),
    webhookUrl: WEBHOOK_URL,
    fetch: fetchOf(life, fetch, striker.around),
  },
  clock,
  inbox: inboxOf(life, plainInbox, striker.around, (error) => {
    if (error instanceof Error && error.name === 'Fenced') fenced++;
  }),
  plainInbox,
  striker,
  pollMs: 500,
});
await webhooks.start();

const server = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request;
  if (method === 'PUT') {
    const answer = await obey(JSON.parse(await text(request))).catch((error: unknown) => {
      response.statusCode = 500;
      return String(error);
    });
    response.end(JSON.stringify(answer ?? null));
    return;
  }
  const outcome = await webhooks.receive({ method, url, headers, body: request });
  response.writeHead(outcome.status, outcome.headers).end(outcome.body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'status':
      return { ...(await status()), fenced };
    case 'reconcile':
      return reconcile();
    case 'create':
      return create(command);
    case 'reprice':
      return reprice(command.id, command.centavos);
    case 'advance':
      skipped += command.ms;
      return undefined;
  }
}
