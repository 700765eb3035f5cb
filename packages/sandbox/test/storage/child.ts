// A sandbox on a file, killed by its test: it prints what it was told is done, and nothing else.
import { createSandbox } from '../../src/index.ts';

const [path = '', seed = '1'] = process.argv.slice(2);
const sandbox = createSandbox({ storage: path, clock: 'real', delivery: { retry: [20, 50, 100] } });
const { userId } = sandbox.merchant.credentials;
const { url } = await sandbox.listen();
const headers = { 'content-type': 'application/json' };

async function post(route: string, body: object): Promise<{ id: string; cvu: string; alias: string }> {
  const response = await fetch(`${url}/_sandbox/${route}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { id: string; cvu: string; alias: string };
}

/** What is printed has been accepted. A line is written whole or not at all. */
function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const before = sandbox.bank.transfers.length;

async function customer(number: number): Promise<never> {
  for (let index = 0; ; index++) {
    const name = `${seed}-${before}-${number}-${index}`;
    const webhookUrl = 'http://127.0.0.1:9/hook'; // nobody is there: retries stay pending
    const payment = await post('payments', { price: 100, externalId: name, webhookUrl });
    say({ payment: payment.id, userId });
    const receipt = sandbox.bank.transfer({ to: payment.alias, amount: index + 1 });
    say({ transfer: receipt.id, centavos: receipt.amount.centavos });
    await post('transfers', { to: payment.cvu, amount: 1 });
    say({ answered: payment.id });
  }
}

// several at once, so that a kill finds requests in every state
await Promise.all([1, 2, 3, 4].map(customer));
