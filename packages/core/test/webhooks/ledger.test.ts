import { expect, test } from 'vitest';
import { pesos } from '../../src/index.ts';
import { memoryInbox } from '../../src/webhooks/index.ts';
import { ACCOUNT, clientOf, engineOf, FakeTalo, transferNotice } from './support.ts';

const HERE = 'http://127.0.0.1:4600';
const THERE = 'http://127.0.0.1:4601';

/** The same merchant at two local Talos, whose notifications go into one inbox. */
async function twoWorlds() {
  const inbox = memoryInbox();
  const [here, there] = [HERE, THERE].map((apiUrl, i) => {
    const talo = new FakeTalo();
    talo.transfer('c', 't', { gross_amount: String(100 * (i + 1)) });
    return engineOf(talo, { client: clientOf(talo, { environment: { apiUrl } }), inbox });
  });
  for (const engine of [here, there]) {
    await engine?.receive(transferNotice('c', 't'));
    await engine?.idle();
  }
  if (here === undefined) throw new Error('two engines were made');
  return here;
}

test('the money of one merchant in two environments is not added up, and what to say is said', async () => {
  const { ledger } = await twoWorlds();
  await expect(ledger.total({ accountId: ACCOUNT })).rejects.toThrow('ledger.total({ environment, … })');
  await expect(ledger.refunded()).rejects.toThrow('ledger.refunded({ environment, … })');
  expect(await ledger.total({ environment: HERE })).toEqual(pesos(100));
  expect(await ledger.total({ environment: THERE, accountId: ACCOUNT, customerId: 'c' })).toEqual(pesos(200));
  expect(await ledger.refunded({ environment: THERE })).toEqual(pesos(0));
});
