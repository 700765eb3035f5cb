import { pesos } from '@talo/core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, heard, setStage } from './support/stage.ts';

afterAll(closeBrowser);

test('two webhooks are sent again in the other order, and nothing is credited twice', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-8', price: pesos(300) });
  for (const amount of [100, 200]) {
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(amount) });
    await app.idle();
  }
  const page = await stage.open('#/webhooks');
  await page.getByRole('checkbox', { name: 'Select all of this page' }).check();
  const chosen = page.getByRole('region', { name: '2 selected' });
  await chosen.getByRole('button', { name: 'Send again, last first' }).click();
  await heard(page, '2 webhooks sent. Answers: 2 × 200.');
  await chosen.waitFor({ state: 'detached' });
  await page.getByRole('row').filter({ hasText: 'Sent again' }).nth(1).waitFor();
  await app.idle();
  expect(app.events.filter(({ type }) => type === 'payment.transfer')).toHaveLength(2);
  expect(stage.complaints).toEqual([]);
});

test('an attempt shows what was sent and what came back, without the secret of the URL', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-9', price: pesos(300) });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos(300) });
  await app.idle();
  const page = await stage.open('#/webhooks');
  await page.getByRole('rowheader').getByRole('link').first().click();
  const sent = page.getByRole('region', { name: 'Attempt 1, Request: Body' });
  expect(JSON.parse((await sent.textContent()) ?? '')).toMatchObject({ paymentId: payment.id });
  await page.getByRole('region', { name: 'Attempt 1, Answer: Headers' }).getByText('content-type').waitFor();
  expect(await page.locator('main').textContent()).not.toContain('?');
  expect(stage.complaints).toEqual([]);
});
