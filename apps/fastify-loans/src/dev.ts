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
const folder = mkdtempSync(join(tmpdir(), 'loans-'));
const app = await start({ talo, database: join(folder, 'loans.db'), port: Number(PORT) });
app.webhooks.on(
  'customer.transfer',
  ({ type, customerId }) => console.log(`app         ${type} ${customerId}`),
  { name: 'said to the terminal' },
);
// the dashboard cannot see what the application credits, so it is told
app.webhooks.on(
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
Loans at ${app.url}, Talo and its dashboard at ${api.url}. In another terminal:

  curl -X PUT ${app.url}/borrowers/20123456786 -H 'content-type: application/json' \\
    -d '{"name":"Carla Perez","email":"carla@example.com","alias":"carlaperez"}'
  curl -X PUT ${app.url}/loans/L-1 -H 'content-type: application/json' \\
    -d '{"borrower":"20123456786","instalments":[{"due":"2026-12-10","amount":"15000"},{"due":"2027-01-10","amount":"15000"}]}'
  npx -y pnpm@12 --filter @talo/fastify-loans pay 20123456786 18000
  curl ${app.url}/borrowers/20123456786
`);

// a Ctrl+C comes twice, from the terminal and from npm: the second one must not end what the first one began
let closing: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (closing ??= close()));

async function close(): Promise<void> {
  await app.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
}
