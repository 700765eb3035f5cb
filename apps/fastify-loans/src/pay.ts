// What a borrower does at the bank, for "dev": pay 20123456786 18000 transfers $ 18.000 to the CVU of that borrower.
import { pesos, TaloClient } from '@talo/core';

const [id, amount] = process.argv.slice(2);
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
  if (id === undefined || amount === undefined) throw new Error('For example: pay 20123456786 18000');
  const shown = await fetch(`http://127.0.0.1:${PORT}/borrowers/${encodeURIComponent(id)}`).catch(() => {
    throw new Error(`Nothing answers at port ${PORT}: start "dev" in another terminal.`);
  });
  const { cvu } = (await shown.json()) as { readonly cvu?: string };
  if (cvu === undefined) throw new Error(`Borrower ${id} has no CVU.`);
  await sandbox.faucet.transfer(cvu, pesos(amount));
  console.log(`$ ${amount} sent to ${cvu}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
