// What a subscriber does at the bank, for "dev": pay carla 20000 transfers $ 20.000 to the CVU of carla.
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
  if (id === undefined || amount === undefined) throw new Error('For example: pay carla 20000');
  const shown = await fetch(`http://127.0.0.1:${PORT}/subscribers/${encodeURIComponent(id)}`).catch(() => {
    throw new Error(`Nothing answers at port ${PORT}: start "dev" in another terminal.`);
  });
  const { cvu } = (await shown.json()) as { readonly cvu?: string };
  if (cvu === undefined) throw new Error(`Subscriber ${id} has no CVU.`);
  await sandbox.faucet.transfer(cvu, pesos(amount));
  console.log(`$ ${amount} sent to ${cvu}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
