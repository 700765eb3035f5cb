import { pesos } from '@talo/core';
import type { Sandbox } from '@talo/sandbox';
import type { Application } from './application.ts';
import { fill, type ViewName, views } from './views.ts';

/** What the story made. */
export interface Made {
  readonly split: string;
  readonly customer: string;
}

/** Somebody's afternoon with the sandbox: a little of everything, always the same. */
export async function playStory(sandbox: Sandbox, app: Application): Promise<Made> {
  const { talo, webhookUrl } = app;
  const pay = (externalId: string, price: number) =>
    talo.payments.create({ externalId, price: pesos(price), motive: `Pedido ${externalId}` });
  const wait = async (seconds: number): Promise<void> => {
    await app.idle();
    await sandbox.clock.advance({ seconds });
    await app.idle();
  };

  const exact = await pay('orden-1041', 48_500);
  await wait(40);
  sandbox.bank.transfer({ to: exact.alias, amount: pesos(48_500), from: { name: 'Carla Benítez' } });
  await wait(75);
  const over = await pay('orden-1042', 12_990);
  sandbox.bank.transfer({ to: over.alias, amount: pesos(13_000), from: { name: 'Martín Sosa' } });
  await wait(220);
  const split = await pay('orden-1043', 172_029.37);
  await wait(65);
  sandbox.bank.transfer({ to: split.alias, amount: pesos(100_000), from: { name: 'Lucía Ferreyra' } });
  await wait(310);
  sandbox.bank.transfer({ to: split.alias, amount: pesos('72029.37'), from: { name: 'Lucía Ferreyra' } });
  await wait(120);
  const under = await pay('orden-1044', 30_000);
  sandbox.bank.transfer({ to: under.alias, amount: pesos(22_000), from: { name: 'Diego Paz' } });
  await wait(30);
  await pay('orden-1045', 9_750);
  await pay('orden-1046', 64_200);
  const customer = await talo.customers.create({
    customerId: 'socia-88',
    alias: 'valeria',
    name: 'Valeria Quiroga',
    email: 'valeria@example.com',
    webhookUrl,
  });
  sandbox.bank.transfer({ to: customer.cvu, amount: pesos(15_000), from: { name: 'Valeria Quiroga' } });
  await wait(45);
  sandbox.bank.transfer({ to: customer.cvu, amount: pesos(15_000), from: { name: 'Valeria Quiroga' } });
  await wait(90);
  return { split: split.id, customer: customer.customerId };
}

/** Where each view shows something of it. */
export async function placesAfter(sandbox: Sandbox, made: Made): Promise<ReadonlyMap<ViewName, string>> {
  const first = async (list: string): Promise<string> => {
    const response = await sandbox.fetch(`http://127.0.0.1/_sandbox/${list}?limit=1`);
    const { items } = (await response.json()) as { items: { id: string }[] }; // the control API's own types say so
    return items[0]?.id ?? '';
  };
  const values = {
    user: sandbox.merchant.credentials.userId,
    payment: made.split,
    customer: made.customer,
    notice: await first('notices'),
    request: await first('requests'),
  };
  const places = Object.entries(views).map(([name, hash]) => [name as ViewName, fill(hash, values)] as const);
  return new Map(places);
}
