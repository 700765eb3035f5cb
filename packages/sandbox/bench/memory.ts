// Run by bench.ts in a process of its own: so many resources, each with a transfer.
import { createSandbox } from '../dist/index.js';

const resources = Number(process.argv[2]);

const fresh = Array.from({ length: 200 }, () => {
  const begun = performance.now();
  createSandbox({ clock: 'virtual' });
  return performance.now() - begun;
}).sort((a, b) => a - b);

const sandbox = createSandbox({ clock: 'virtual', receiver: () => new Response() });
const control = async (route: string, body: object): Promise<{ cvu: string }> => {
  const response = await sandbox.fetch(`http://talo.localhost/_sandbox/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { cvu: string };
};

const webhookUrl =
  'https://tu-sitio.example/webhooks/talo?talo=1.account.payment.order.100000.signature-of-32-bytes';
for (let index = 0; index < resources / 2; index++) {
  const payment = await control('payments', { price: 1000, externalId: `order-${index}`, webhookUrl });
  const customer = await control('customers', {
    customerId: `c-${index}`,
    alias: `cli.${index}`,
    webhookUrl,
  });
  for (const { cvu } of [payment, customer]) sandbox.bank.transfer({ to: cvu, amount: 1000 });
  await sandbox.idle(); // as over a socket, where no two requests come in the same turn of the event loop
}
await sandbox.idle();
for (let round = 0; round < 3; round++) {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 100)); // the pages go back to the system by and by
}
const { heapUsed, rss } = process.memoryUsage();
const result = {
  resources,
  heapMb: heapUsed / 2 ** 20,
  rssMb: rss / 2 ** 20,
  freshMs: fresh[100] ?? Number.NaN,
};
process.stdout.write(JSON.stringify(result));
