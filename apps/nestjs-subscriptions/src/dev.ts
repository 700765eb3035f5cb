// The application beside a Talo of its own, in one process: nothing to configure, nothing leaves this machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { TaloClient, toDecimal } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { getTaloWebhooksToken } from '@talo/nestjs';
import { createSandbox } from '@talo/sandbox';
import { appModule } from './app.module.ts';

const { PORT = '3000', SANDBOX_PORT = '4600' } = process.env;
const sandbox = createSandbox({
  onDelivery: ({ body, status, outcome }) =>
    console.log(`talo → app  ${JSON.stringify(body)}  ${status ?? outcome}`),
});
const api = await sandbox.listen({ port: Number(SANDBOX_PORT) });
const talo = new TaloClient({
  ...sandbox.merchant,
  webhooks: {
    url: `http://127.0.0.1:${PORT}/webhooks/talo`,
    secret: 'only for development, never leaves it',
  },
});
// the sandbox forgets with the process, so the books do too
const folder = mkdtempSync(join(tmpdir(), 'subscriptions-'));
const module = appModule({ talo, database: join(folder, 'subscriptions.db') });
const app = await NestFactory.create(module);
await app.listen(Number(PORT), '127.0.0.1');
const url = await app.getUrl();
// the dashboard cannot see what the application credits, so it is told
app.get<TaloWebhooks>(getTaloWebhooksToken(), { strict: false }).on(
  'customer.transfer',
  async ({ customerId, transaction: { gross } }) => {
    if (gross === undefined) return;
    await sandbox.fetch(`${api.url}/_sandbox/credits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'customer', id: customerId, amount: toDecimal(gross) }),
    });
  },
  { name: 'shown on the dashboard' },
);

console.log(`
Subscriptions at ${url}, Talo and its dashboard at ${api.url}. In another terminal:

  curl -X PUT ${url}/subscribers/carla -H 'content-type: application/json' \\
    -d '{"name":"Carla Perez","email":"carla@example.com","alias":"carla.gym","price":"15000"}'
  npx -y pnpm@12 --filter @talo/nestjs-subscriptions pay carla 20000
  curl ${url}/subscribers/carla
`);

// a Ctrl+C comes twice, from the terminal and from npm: the second one must not end what the first one began
let closing: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (closing ??= close()));

async function close(): Promise<void> {
  await app.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
}
