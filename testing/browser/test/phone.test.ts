import { pesos } from '@talo/core';
import { afterAll, expect, test } from 'vitest';
import { placesAfter } from '../src/story.ts';
import { furnish } from './support/furnished.ts';
import { closeBrowser, setStage, visit } from './support/stage.ts';

afterAll(closeBrowser);

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each(['es-AR', 'en-US'])('nothing is wider than a phone (%s)', async (locale) => {
  await using stage = await setStage({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
  const places = await furnish(stage.sandbox, stage.app);
  const page = await stage.open('#/', { ...phone, locale });
  for (const [name, hash] of places) {
    await visit(page, hash);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond, name).toBeLessThanOrEqual(0);
  }
  expect(stage.complaints).toEqual([]);
});

test.each([
  ['a phone', phone],
  ['a desk', { viewport: { width: 1280, height: 800 } }],
])('the longest names and ids have room on %s', async (_on, options) => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const company =
    'Sociedad Anónima Comercial Industrial y Financiera de Inversiones Agropecuarias del Litoral';
  const payment = await app.talo.payments.create({
    externalId: `order-${'0123456789abcdef'.repeat(7)}`,
    price: pesos('12345678901.23'),
    motive: 'x'.repeat(200),
    webhookUrl: `${app.webhookUrl}/${'segment'.repeat(20)}`,
  });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos('2345678901.23'), from: { name: company } });
  const customer = await app.talo.customers.create({
    customerId: 'abcdefghij'.repeat(9),
    alias: 'largo',
    name: company,
    email: `${'a'.repeat(60)}@example.com`,
    webhookUrl: app.webhookUrl,
  });
  sandbox.bank.transfer({ to: customer.cvu, amount: pesos('999999999.99'), from: { name: company } });
  await app.idle();
  const places = await placesAfter(sandbox, { split: payment.id, customer: customer.customerId });
  const page = await stage.open('#/', options);
  for (const [name, hash] of places) {
    await visit(page, hash);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond, name).toBeLessThanOrEqual(0);
  }
  expect(stage.complaints).toEqual([]);
});

test('the views are behind a button, which says so', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/', phone);
  const link = page.getByRole('link', { name: 'Bank', exact: true });
  expect(await link.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Menu' }).tap();
  await link.tap();
  await page.getByRole('heading', { level: 1, name: 'Bank' }).waitFor();
  await link.waitFor({ state: 'hidden' });
  expect(stage.complaints).toEqual([]);
});
