// The application beside a Talo of its own, in one process: nothing to configure, nothing leaves this machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaloClient, toDecimal } from '@talo/core';
import { createSandbox } from '@talo/sandbox';
import { start } from './start.ts';

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
const folder = mkdtempSync(join(tmpdir(), 'receivables-'));
const app = await start({ talo, database: join(folder, 'receivables.db'), port: Number(PORT) });
app.webhooks.on(
  ['payment.transfer', 'payment.paid'],
  ({ type, payment }) => console.log(`app         ${type} ${payment.externalId}`),
  { name: 'said to the terminal' },
);
// the dashboard cannot see what the application credits, so it is told
app.webhooks.on(
  'payment.transfer',
  async ({ payment, transaction: { gross } }) => {
    if (gross === undefined) return;
    await sandbox.fetch(`${api.url}/_sandbox/credits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'payment', id: payment.id, amount: toDecimal(gross) }),
    });
  },
  { name: 'shown on the dashboard' },
);

console.log(`
Receivables at ${app.url}, Talo and its dashboard at ${api.url}. In another terminal:

  curl -X PUT ${app.url}/invoices/A-0001 -H 'content-type: application/json' \\
    -d '{"customer":"Carla Perez","amount":"30000.50"}'
  npx -y pnpm@12 --filter @talo/express-receivables pay A-0001 18000
  curl ${app.url}/invoices/A-0001
`);

// a Ctrl+C comes twice, from the terminal and from npm: the second one must not end what the first one began
let closing: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (closing ??= close()));

async function close(): Promise<void> {
  await app.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
}
