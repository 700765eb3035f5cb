import { pesos } from '@talo/core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, panel, setStage, visit } from './support/stage.ts';

afterAll(closeBrowser);

const MANY = 10_000;

test('ten thousand payments are pages of fifty, and one is found by a part of its name', async () => {
  await using stage = await setStage();
  const { sandbox } = stage;
  for (let number = 1; number <= MANY; number += 1) {
    await sandbox.fetch('http://127.0.0.1/_sandbox/payments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ price: 1000 + number, externalId: `bulk-${number}` }),
    });
  }
  const page = await stage.open('#/payments');
  const rows = page.getByRole('table').getByRole('row');
  await page.getByText('1–50 of 10,000').waitFor();
  expect(await rows.count()).toBe(1 + 50);

  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('51–100 of 10,000').waitFor();
  await page.getByRole('link', { name: `bulk-${MANY - 50}`, exact: true }).waitFor();
  expect(await rows.count()).toBe(1 + 50);
  await page.getByRole('button', { name: 'Previous' }).click();
  await page.getByText('1–50 of 10,000').waitFor();

  await page.getByLabel(/^Search/).fill('bulk-4242');
  await page.getByRole('link', { name: 'bulk-4242', exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  expect(page.url()).toContain('q=bulk-4242');
  expect(stage.complaints).toEqual([]);
});

test('no view grows with what the sandbox holds', async () => {
  await using stage = await setStage({ historyLimit: MANY });
  const { sandbox } = stage;
  for (let number = 1; number <= 1000; number += 1)
    sandbox.addMerchant({ name: `Shop ${number}`, ofPartner: true });
  for (let number = 1; number <= MANY; number += 1) {
    await sandbox.fetch('http://127.0.0.1/_sandbox/customers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ customerId: `c-${number}`, webhookUrl: stage.app.webhookUrl }),
    });
    await sandbox.fetch(`http://127.0.0.1/customers/c-${number}`);
  }
  const page = await stage.open();
  for (const [view, rows] of [
    ['', 3 * 6],
    ['customers', 50],
    ['merchants', 50],
    ['partner', 20],
    ['requests', 50],
  ] as const) {
    await visit(page, `#/${view}`);
    expect(await page.locator('tbody tr').count(), view).toBeGreaterThan(0);
    expect(await page.locator('tbody tr').count(), view).toBeLessThanOrEqual(rows);
  }
  await visit(page, '#/customers?q=c-4242');
  await page.getByRole('table').getByRole('link').first().waitFor();
  expect(await page.locator('tbody tr').count()).toBe(1);
  expect(stage.complaints).toEqual([]);
});

test('a burst of a thousand transfers costs a page a few reads, and loses none', async () => {
  await using stage = await setStage();
  const { sandbox, app } = stage;
  const customer = await app.talo.customers.create({
    customerId: 'busy',
    alias: 'busy',
    name: 'Busy',
    email: 'busy@example.com',
    webhookUrl: app.webhookUrl,
  });
  const page = await stage.open('#/bank');
  await page.getByText('No transfer yet').waitFor();
  let reads = 0;
  page.on('request', (request) => {
    if (request.url().includes('/_sandbox/transfers')) reads += 1;
  });
  const began = performance.now();
  for (let number = 1; number <= 1000; number += 1)
    sandbox.bank.transfer({ to: customer.cvu, amount: pesos(1) });
  await page.getByText('1–50 of 1,000').waitFor();
  const seconds = (performance.now() - began) / 1000;
  // at most one read in half a second, whatever happens meanwhile
  expect(reads).toBeLessThanOrEqual(2 + Math.ceil(seconds * 2));
  await page.getByText('$ 1.000,00').waitFor();

  // and the page of whom they went to stays one that a person can read
  await visit(page, `#/customers/${stage.user}/busy`);
  const transfers = panel(page, 'Transfers');
  expect(await transfers.getByRole('row').count()).toBe(1 + 50);
  expect(await panel(page, 'Timeline').getByRole('listitem').count()).toBeLessThanOrEqual(300);
  await transfers.getByRole('link', { name: 'See all' }).click();
  await page.getByRole('heading', { level: 1, name: 'Bank' }).waitFor();
  await page.getByText('1–50 of 1,000').waitFor();
  expect(stage.complaints).toEqual([]);
});
