import { pesos } from '@talo/core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, heard, panel, setStage, visit } from './support/stage.ts';

afterAll(closeBrowser);

test('every way of paying, from a payer of one’s choice', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const page = await stage.open('#/bank');
  const form = panel(page, 'Send a transfer');
  await form.getByText('Somebody made up').click();
  await form.getByLabel('Name').fill('Ana Paz');

  for (const [kind, transfers, received] of [
    ['Exact', 1, 100],
    ['Too little', 1, 50],
    ['Too much', 1, 150],
    ['In parts', 3, 100],
    ['Twice', 2, 200],
    ['An amount', 1, 12.5],
    ['Late', 1, 100],
  ] as const) {
    const externalId = kind.replace(' ', '-');
    const payment = await app.talo.payments.create({ externalId, price: pesos(100) });
    await form.getByLabel('To an alias or CVU').fill(payment.alias ?? '');
    await form.getByText('$ 100,00 is missing').waitFor();
    await form.getByLabel(kind, { exact: true }).check();
    if (kind === 'In parts') await form.getByLabel('Parts', { exact: true }).fill('3');
    if (kind === 'An amount') await form.getByLabel('Amount', { exact: true }).fill('12,50');
    // late is after the expiry, so time has to be ours
    if (kind === 'Late') await form.getByRole('button', { name: 'Freeze the clock' }).click();
    await form.getByRole('button', { name: 'Send', exact: true }).click();

    const rows = page.getByRole('row').filter({ hasText: externalId });
    await rows.nth(transfers - 1).waitFor();
    await rows.first().getByText('Ana Paz').waitFor();
    expect(sandbox.bank.received(payment.cvu), kind).toEqual(pesos(received));
    if (kind === 'Late') expect(payment.expiresAt?.getTime()).toBeLessThan(sandbox.clock.now());
  }
  expect(stage.complaints).toEqual([]);
});

test('a request is found, and copied as curl', async () => {
  await using stage = await setStage();
  const { talo } = stage.app;
  await talo.payments.create({ externalId: 'order-1', price: pesos(10) });
  const { id } = await talo.payments.create({ externalId: 'order-2', price: pesos(20) });
  await talo.payments.get(id);

  const page = await stage.open('#/requests', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByLabel(/^Search/).fill(id);
  await page.getByRole('row').nth(2).waitFor({ state: 'detached' });
  await page.getByRole('rowheader').getByRole('link').click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await heard(page, 'Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await page.getByRole('region', { name: 'Command' }).textContent());
  expect(copied).toMatch(new RegExp(`^curl '${stage.url}/payments/${id}' `));
  expect(copied).toContain('authorization: Bearer TL-…');
  expect(stage.complaints).toEqual([]);
});

test('an oddity switched off, and back', async () => {
  await using stage = await setStage();
  // without payment_options
  const create = async (): Promise<number> => {
    const { status } = await stage.sandbox.fetch(`${stage.url}/payments/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: stage.user, price: { amount: 10, currency: 'ARS' }, external_id: 'o' }),
    });
    return status;
  };
  expect(await create()).toBe(500);
  const page = await stage.open('#/settings');
  const oddity = page.getByRole('switch', { name: 'missingPaymentOptionsFails' });
  await oddity.uncheck();
  await page.getByText('default: on').waitFor();
  expect(await create()).toBe(400);

  await page.getByLabel('Only changed ones').check();
  await page.getByRole('switch').nth(1).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Back to the default' }).click();
  await page.getByText('Nothing matches.').waitFor();
  expect(await create()).toBe(500);
  expect(stage.complaints).toEqual([]);
});

test('a state is kept, everything is begun anew, and the state comes back', async () => {
  await using stage = await setStage();
  await stage.app.talo.payments.create({ externalId: 'order-1', price: pesos(10) });
  const page = await stage.open('#/settings');
  const data = panel(page, 'Data');
  await data.getByLabel(/^Name/).fill('before');
  await data.getByRole('button', { name: 'Take a snapshot' }).click();
  await data.getByText('Payments: 1 · customers: 0 · transfers: 0').waitFor();

  // asked twice
  await data.getByRole('button', { name: 'Start over' }).click();
  await data.getByRole('button', { name: 'Yes, start over' }).click();
  await heard(page, 'Everything is as at the beginning.');
  await visit(page, '#/payments');
  await page.getByText('No payments yet').waitFor();

  await visit(page, '#/settings');
  await data.getByRole('button', { name: 'Restore' }).click();
  await heard(page, 'Back at before.');
  await visit(page, '#/payments');
  await page.getByRole('link', { name: 'order-1' }).waitFor();
  expect(stage.complaints).toEqual([]);
});

test('an account configured, rejected, activated, and without access', async () => {
  await using stage = await setStage();
  const { talo } = stage.app;
  const page = await stage.open(`#/merchants/${stage.user}`);
  const config = panel(page, 'Configuration');
  await config.getByLabel('Tolerance (pesos)').fill('50');
  await config.getByRole('button', { name: 'Save' }).click();
  await heard(page, 'Saved.');
  expect((await talo.account.get()).transferTolerance).toBe(50);

  // Talo's limit, said beside the button
  await config.getByLabel('Alias prefix').fill('no spaces');
  await config.getByRole('button', { name: 'Save' }).click();
  await config.getByRole('alert').waitFor();

  const state = page.getByRole('region', { name: 'Balance' });
  await page.getByRole('button', { name: 'Reject' }).click();
  await state.getByText('Rejected').waitFor();
  expect((await talo.account.get()).status).toBe('REJECTED');
  await page.getByRole('button', { name: 'Activate' }).click();
  await state.getByText('Active').waitFor();
  await page.getByRole('button', { name: 'Revoke access' }).click();
  await state.getByText('Access revoked').waitFor();
  await expect(talo.account.get()).rejects.toMatchObject({ status: 401 });
  // the refusal of the prefix, which the browser reports by itself
  expect(stage.complaints.filter((complaint) => !complaint.includes('/_sandbox/merchants/'))).toEqual([]);
});

test('an own rule on the way back, and a scenario', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const page = await stage.open('#/faults');
  const rule = panel(page, 'Your own rule');
  await rule.getByLabel('From Talo to your application').check();
  await rule.getByLabel(/^How many times/).fill('1');
  await rule.getByRole('button', { name: 'Add the fault' }).click();
  await panel(page, 'Active now').getByText('Is never sent').waitFor();

  const payment = await app.talo.payments.create({ externalId: 'order-1', price: pesos(10) });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos(10) });
  await app.idle();
  await visit(page, '#/webhooks');
  await page.getByRole('row').getByText('Dropped').waitFor();

  await visit(page, '#/faults');
  await panel(page, 'Active now').getByText('used up').waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('Everything works.').waitFor();
  await page.getByRole('button', { name: 'Start: Black-out' }).click();
  await page.getByRole('banner').getByText('black-out').waitFor();
  await panel(page, 'Active now').getByText('of black-out').first().waitFor();
  await page.getByRole('button', { name: 'Stop: Black-out' }).click();
  await page.getByText('Everything works.').waitFor();
  expect(stage.complaints).toEqual([]);
});

test('an application that says nothing of its credits is shown how', async () => {
  await using stage = await setStage();
  const ask = (path: string, body: string): Promise<Response> =>
    stage.sandbox.fetch(`${stage.url}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  // of nobody who would credit it
  const made = await ask('payments', JSON.stringify({ price: '100', externalId: 'order-1' }));
  const { id, cvu } = (await made.json()) as { id: string; cvu: string };
  const page = await stage.open(`#/payments/${stage.user}/${encodeURIComponent(id)}`);
  const hint = page.getByRole('group').filter({ hasText: 'Show your credits here' });
  const command = hint.getByRole('region', { name: 'Show your credits here' });
  expect(await command.isVisible()).toBe(false);

  stage.sandbox.bank.transfer({ to: cvu, amount: pesos(100) });
  await command.getByText(`"id":"${id}","amount":"100"`).waitFor();
  const text = (await command.textContent()) ?? '';
  expect(text).toContain(`curl -X POST ${stage.url}/_sandbox/credits`);
  await ask('credits', /-d '(.*)'$/s.exec(text)?.[1] ?? '');
  await panel(page, 'Timeline').getByText('Your application credited $ 100,00').waitFor();
  await command.waitFor({ state: 'hidden' });
  expect(stage.complaints).toEqual([]);
});
