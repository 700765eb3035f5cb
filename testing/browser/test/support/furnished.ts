import { pesos } from '@talo/core';
import type { Sandbox } from '@talo/sandbox';
import type { Application } from '../../src/application.ts';
import { placesAfter, playStory } from '../../src/story.ts';
import type { ViewName } from '../../src/views.ts';

export type Places = ReadonlyMap<ViewName, string>;

/** Lets the story happen, and says where each view of it is. */
export async function furnish(sandbox: Sandbox, app: Application): Promise<Places> {
  return placesAfter(sandbox, await playStory(sandbox, app));
}

/** Names and ids as long as Talo lets through, and large amounts, in every view. */
export async function furnishAtLength(sandbox: Sandbox, app: Application): Promise<Places> {
  const company =
    'Sociedad Anónima Comercial Industrial y Financiera de Inversiones Agropecuarias del Litoral';
  const payment = await app.talo.payments.create({
    externalId: `order-${'0123456789abcdef'.repeat(7)}`,
    price: pesos('123456789.01'),
    motive: 'x'.repeat(200),
    webhookUrl: `${app.webhookUrl}/${'segment'.repeat(20)}`,
  });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos('23456789.01'), from: { name: company } });
  const customer = await app.talo.customers.create({
    customerId: 'abcdefghij'.repeat(9),
    alias: 'largo',
    name: company,
    email: `${'a'.repeat(60)}@example.com`,
    webhookUrl: app.webhookUrl,
  });
  sandbox.bank.transfer({ to: customer.cvu, amount: pesos('99999999.99'), from: { name: company } });
  const merchant = sandbox.addMerchant({ name: company, aliasPrefix: 'abcdefgh' });
  sandbox.operator.setAccountStatus(merchant.credentials.userId, 'SUSPENDED');
  sandbox.operator.revoke(merchant.credentials.userId);
  sandbox.faults.add({ side: 'webhook', match: { resource: payment.id }, effect: 'duplicate', copies: 2 });
  sandbox.faults.add({
    match: { method: 'GET', resource: customer.customerId },
    effect: 'stale-read',
    times: 3,
  });
  await app.idle();
  return placesAfter(sandbox, { split: payment.id, customer: customer.customerId });
}
