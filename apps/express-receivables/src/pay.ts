// What a customer does at the bank, for "dev": pay A-0001 18000 transfers $ 18.000 to the CVU of invoice A-0001.
import { pesos, TaloClient } from '@talo/core';

const [number, amount] = process.argv.slice(2);
const { PORT = '3000', SANDBOX_PORT = '4600' } = process.env;
const sandbox = new TaloClient({
  environment: { apiUrl: `http://127.0.0.1:${SANDBOX_PORT}` },
  credentials: {
    userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
    clientId: 'sandbox',
    clientSecret: 'sandbox',
  },
});

try {
  if (number === undefined || amount === undefined) throw new Error('For example: pay A-0001 18000');
  const shown = await fetch(`http://127.0.0.1:${PORT}/invoices/${encodeURIComponent(number)}`).catch(() => {
    throw new Error(`Nothing answers at port ${PORT}: start "dev" in another terminal.`);
  });
  const { cvu } = (await shown.json()) as { readonly cvu?: string };
  if (cvu === undefined) throw new Error(`Invoice ${number} has no CVU.`);
  await sandbox.faucet.transfer(cvu, pesos(amount));
  console.log(`$ ${amount} sent to ${cvu}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
