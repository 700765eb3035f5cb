import { pesos, TaloApiError, TaloClient } from '@talo/core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, dialogGone, heard, panel, plainText, setStage } from './support/stage.ts';

afterAll(closeBrowser);

test('a first visit, to a credited transfer', async () => {
  await using stage = await setStage();
  const { app } = stage;
  const page = await stage.open();

  // the empty page says what to do, with what has to be pasted
  await page.getByRole('heading', { level: 1, name: 'Your local Talo is running' }).waitFor();
  const step = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
  const code = page.getByRole('region', { name: 'Code for your application' });
  expect(await code.textContent()).toContain(`TALO_API_URL=${stage.url}\nTALO_USER_ID=${stage.user}\n`);
  expect(await step('Send a transfer').getByRole('button').isDisabled()).toBe(true);

  // the application calls; the page notices by itself
  const payment = await app.talo.payments.create({ externalId: 'order-1', price: pesos(48_500) });
  await page.getByRole('heading', { name: 'Point your application here (done)' }).waitFor();
  await step('Create a payment').getByText('The last one is order-1.').waitFor();

  await step('Send a transfer').getByRole('button').click();
  const dialog = page.getByRole('dialog', { name: 'Send a transfer' });
  expect(await dialog.getByLabel('To an alias or CVU').inputValue()).toBe(payment.alias);
  await dialog.getByText('$ 48.500,00 is missing').waitFor();
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await dialogGone(page);

  await page.getByRole('link', { name: 'See the timeline' }).click();
  await page.getByRole('heading', { level: 1, name: 'Payment order-1' }).waitFor();
  const timeline = panel(page, 'Timeline');
  await timeline.getByText(/^Transfer of \$\s48\.500,00 from /).waitFor();
  await timeline.getByText(/^Attempt 1: your application answered 200/).waitFor();
  await timeline.getByText(/^\d.* m?s of 3 s$/).waitFor();
  await timeline.getByText('Your application: GET /payments/').waitFor();
  await timeline.getByText(/^Your application credited \$\s48\.500,00$/).waitFor();
  await timeline.getByText('Paid', { exact: true }).waitFor();

  await app.idle();
  expect(app.events.map(({ type }) => type)).toEqual(['payment.transfer', 'payment.paid']);
  expect(stage.complaints).toEqual([]);
});

test('a payment underpaid, then completed', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-2', price: pesos(30_000) });
  const page = await stage.open(`#/payments/${stage.user}/${encodeURIComponent(payment.id)}`);
  const state = page.getByRole('region', { name: 'Status' });
  await state.getByText('Pending').waitFor();

  const send = async (kind: string): Promise<void> => {
    await page.locator('main').getByRole('button', { name: 'Send it a transfer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(kind, { exact: true }).check();
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await dialogGone(page);
  };

  await send('Too little');
  await state.getByText('Underpaid').waitFor();
  expect(await plainText(state)).toContain('Missing $ 15.000,00');
  await send('Exact');
  await state.getByText('Paid', { exact: true }).waitFor();
  expect(await plainText(state)).toContain('Missing $ 0,00');
  expect(await panel(page, 'Transfers').getByRole('row').count()).toBe(1 + 2);

  await app.idle();
  expect(app.events.filter(({ type }) => type === 'payment.paid')).toHaveLength(1);
  expect(app.events.filter(({ type }) => type === 'payment.transfer')).toHaveLength(2);
  expect(sandbox.bank.received(payment.cvu)).toEqual(pesos(30_000));
  expect(stage.complaints).toEqual([]);
});

test('a payment created in the dashboard, paid twice over', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/payments');
  await page.getByText('No payments yet').waitFor();
  await page.getByRole('main').getByRole('button', { name: 'New payment' }).click();
  const dialog = page.getByRole('dialog', { name: 'New payment' });
  await dialog.getByLabel('Price').fill('1.500,5');
  await dialog.getByLabel(/^External id/).fill('order-3');
  await dialog.getByLabel(/^Webhook URL/).fill(stage.app.webhookUrl);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'Payment order-3' }).waitFor();
  const state = page.getByRole('region', { name: 'Status' });
  expect(await plainText(state)).toContain('Price $ 1.500,50');

  await page.getByRole('main').getByRole('button', { name: 'Send it a transfer' }).click();
  await page.getByRole('dialog').getByLabel('Twice').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
  await state.getByText('Overpaid').waitFor();
  expect(await plainText(state)).toContain('Too much $ 1.500,50');

  // nobody signed that URL, so the application refuses, and the page shows it
  await panel(page, 'Timeline')
    .getByText(/your application answered 401/)
    .first()
    .waitFor();
  expect(stage.complaints).toEqual([]);
});

test('a partner onboarded, then suspended', async () => {
  await using stage = await setStage();
  const { sandbox } = stage;
  const page = await stage.open('#/partner');
  await panel(page, 'Onboard a merchant')
    .getByLabel(/^Your own id for the merchant/)
    .fill('shop-7');
  await panel(page, 'Onboard a merchant').getByRole('button', { name: 'Onboard' }).click();
  const done = panel(page, 'Merchant onboarded');
  await done.getByText('Active').waitFor();

  const code = await done.locator('dd code').first().textContent();
  const { environment } = sandbox.merchant;
  const partner = new TaloClient({
    environment,
    partner: { id: sandbox.partner.id, secret: sandbox.partner.secret },
  });
  const access = await partner.partners.exchangeCode(code ?? '');
  expect(access.referredUserId).toBe('shop-7');

  await done.getByRole('link').first().click();
  await page.getByText('Referred as').waitFor();
  expect(page.url()).toContain(access.userId);
  await page.getByRole('button', { name: 'Suspend' }).click();
  await page.getByRole('region', { name: 'Balance' }).getByText('Suspended').waitFor();
  const account = partner.forAccount({ userId: access.userId, accessToken: access.accessToken });
  expect((await account.account.get()).status).toBe('SUSPENDED');
  expect(stage.complaints).toEqual([]);
});

test('a fault set, and seen', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/faults');
  await page.getByRole('button', { name: 'Add: Talo answers 500' }).click();
  const active = panel(page, 'Active now').getByRole('table');
  await active.getByText('HTTP 500').waitFor();
  await page.getByRole('link', { name: '1 fault active' }).waitFor();

  const creation = stage.app.talo.payments.create({ externalId: 'order-4', price: pesos(10) });
  await expect(creation).rejects.toBeInstanceOf(TaloApiError);

  await page.getByRole('link', { name: /^Requests/ }).click();
  const row = page.getByRole('row').filter({ hasText: '500' }).first();
  await row.getByText('Fault').waitFor();
  await row.getByRole('link').first().click();
  await page.getByRole('button', { name: 'Copy as curl' }).waitFor();
  expect(await page.getByRole('region', { name: 'Command' }).textContent()).toContain('curl ');

  await page.goBack();
  // the client's three attempts have used it up: it counts no more as active, and is still there to be removed
  await page.getByRole('link', { name: /^Faults/ }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('Everything works.').waitFor();
  expect(stage.complaints).toEqual([]);
});

test('the clock advanced past an expiry', async () => {
  await using stage = await setStage();
  const { app } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-5', price: pesos(9_750) });
  const page = await stage.open('#/clock');
  await page.getByRole('button', { name: 'Freeze' }).click();
  await page.getByText('Nothing expires until you advance.').waitFor();
  await page.getByRole('link', { name: /frozen$/ }).waitFor();
  await page.getByRole('button', { name: '+ 30 h' }).click();
  await heard(page, 'The clock moved on by 1 d 6 h.');

  await page.getByRole('link', { name: /^Payments/ }).click();
  await page
    .getByRole('row', { name: /order-5/ })
    .getByText('Expired')
    .waitFor();
  await app.idle();
  expect((await app.talo.payments.get(payment.id)).status).toBe('EXPIRED');
  expect(stage.complaints).toEqual([]);
});

test('a webhook replayed fifty times and forged credits nothing again', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-6', price: pesos(5_000) });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos(5_000) });
  await app.idle();

  const page = await stage.open('#/webhooks');
  await page.getByRole('table').getByRole('rowheader').getByRole('link').first().click();
  await page.getByRole('button', { name: 'Send 50 times' }).click();
  await heard(page, '50 webhooks sent. Answers: 50 × 200.');
  await page.getByRole('button', { name: 'With a wrong signature' }).click();
  await heard(page, '1 webhook sent. Answers: 401.');

  await page.locator('main').getByRole('link', { name: 'Webhooks', exact: true }).click();
  await page.getByRole('button', { name: 'Forge a webhook' }).click();
  const dialog = page.getByRole('dialog', { name: 'Forge a webhook' });
  await dialog.getByLabel('Id of the payment or customer').fill(payment.id);
  await dialog.getByLabel('Signature in the URL').selectOption('none');
  await dialog.getByRole('button', { name: 'Send it' }).click();
  await dialogGone(page);
  await page.getByText('Forged').first().waitFor();

  await app.idle();
  expect(app.events.filter(({ type }) => type === 'payment.transfer')).toHaveLength(1);
  expect(stage.complaints).toEqual([]);
});
