import { pesos, TaloClient } from '@talo/core';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { violations } from './support/axe.ts';
import { openShop } from './support/shop.ts';
import { closeBrowser, heard, type Stage, setStage } from './support/stage.ts';

afterAll(closeBrowser);

/** A row of what there is to copy or to read. */
function row(page: Page, name: string) {
  return page.locator('.row').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) });
}

async function seconds(page: Page): Promise<number> {
  const [hours = 0, minutes = 0, rest = 0] = ((await page.getByRole('timer').textContent()) ?? '')
    .split(':')
    .map(Number);
  return (hours * 60 + minutes) * 60 + rest;
}

test('a payer reads, copies, pays in two parts, and comes back to the shop', async () => {
  await using shop = await openShop();
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({
    externalId: 'order-1',
    price: pesos('48500.50'),
    motive: 'Pedido 1041',
    redirectUrl: `${shop.url}/thanks`,
  });
  const { alias = '', cvu = '' } = payment;
  const path = new URL(payment.paymentUrl ?? '').pathname.slice(1);
  const page = await stage.open(path, { permissions: ['clipboard-read', 'clipboard-write'] });
  const state = page.locator('#state');

  await state.getByText('Waiting for your transfer').waitFor();
  await page.getByText('$ 48.500,50', { exact: true }).waitFor();
  await row(page, 'Alias').getByText(alias, { exact: true }).waitFor();
  await row(page, 'CVU').getByText(cvu, { exact: true }).waitFor();
  await row(page, 'For').getByText('Pedido 1041').waitFor();
  expect(await row(page, 'Account holder').locator('dd').textContent()).not.toBe('');

  for (const [name, value] of [
    ['Amount', '48500,50'],
    ['Alias', alias],
    ['CVU', cvu],
  ] as const) {
    await page.getByRole('button', { name: `Copy ${name}` }).click();
    await page.waitForFunction(async (copied) => (await navigator.clipboard.readText()) === copied, value);
  }

  await heard(page, 'Copied');

  const before = await seconds(page);
  expect(before).toBeGreaterThan(29 * 3600);
  await expect.poll(() => seconds(page), { timeout: 30_000 }).toBeLessThan(before);

  sandbox.bank.transfer({ to: alias, amount: pesos(20_000) });
  await state.getByText('A part has arrived').waitFor();
  await page.getByText('Still to transfer').waitFor();
  await page.getByText('$ 28.500,50', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Copy Amount' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === '28500,50');
  sandbox.bank.transfer({ to: alias, amount: pesos('28500.50') });
  await state.getByText('Payment received').waitFor();
  await page.getByText('You go back to the shop in a few seconds.').waitFor();
  await row(page, 'CVU').waitFor({ state: 'hidden' });
  expect(await page.locator('#label').textContent()).toBe('Amount');
  shop.open();
  await page.waitForURL(`${shop.url}/thanks`);
  await page.getByRole('heading', { name: 'The shop' }).waitFor();

  await app.idle();
  expect(app.events.filter(({ type }) => type === 'payment.paid')).toHaveLength(1);
  expect(stage.complaints).toEqual([]);
});

/** As many connections as a browser has for one host. */
const CONNECTIONS = 6;

/** What a browser tells a page when another tab covers it, or when it is looked at again. */
function cover(page: Page, covered: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, covered);
}

test('however many checkouts are open, the browser has a connection left', async () => {
  await using stage = await setStage();
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'order-1', price: pesos(100) });
  const first = await stage.open(`payments/${payment.id}`);
  const tab = async (): Promise<Page> => {
    const opened = first.context().waitForEvent('page');
    await first.evaluate(() => {
      window.open(location.href, '', 'noopener');
    });
    const page = await opened;
    page.setDefaultTimeout(20_000);
    await page.locator('#state').waitFor();
    return page;
  };

  await cover(first, true);
  for (let count = 1; count < CONNECTIONS; count += 1) await cover(await tab(), true);
  const last = await tab();
  sandbox.bank.transfer({ to: payment.alias, amount: pesos(40) });
  await last.getByText('A part has arrived').waitFor();
  expect(await first.getByText('A part has arrived').count()).toBe(0);
  await cover(first, false);
  await first.getByText('A part has arrived').waitFor();

  // nothing more happens to what is paid
  const seen = [first, last];
  while (seen.length < CONNECTIONS - 1) seen.push(await tab());
  sandbox.bank.transfer({ to: payment.alias, amount: pesos(60) });
  for (const page of seen) await page.getByText('Payment received').waitFor();
  for (let count = 0; count < CONNECTIONS; count += 1) {
    await (await tab()).getByText('Payment received').waitFor();
  }
  expect(stage.complaints).toEqual([]);
});

test('a payer who is too late is told not to pay', async () => {
  await using stage = await setStage({ clock: 'virtual' });
  const payment = await stage.app.talo.payments.create({ externalId: 'order-2', price: pesos(100) });
  const page = await stage.open(`payments/${payment.id}`);
  await page.getByText("The sandbox's clock stands still.").waitFor();
  await stage.sandbox.clock.advance({ hours: 31 });
  await page.getByText('This payment has expired. Do not transfer').waitFor();
  await row(page, 'CVU').waitFor({ state: 'hidden' });
  expect(stage.complaints).toEqual([]);
});

test('a merchant consents, and the partner gets a code that works', async () => {
  await using shop = await openShop();
  shop.open();
  await using stage = await setStage({ partner: { redirectUri: `${shop.url}/callback?keep=1` } });
  const { id, secret } = stage.sandbox.partner;
  const page = await stage.open(`authorize/${id}?referred_user_id=shop-7`);
  await page.getByRole('heading', { name: 'Connect with La mejor app' }).waitFor();
  await page.getByText('Your user on that platform: shop-7').waitFor();
  expect(await page.getByRole('list', { name: 'It will be able to' }).getByRole('listitem').count()).toBe(3);
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.waitForURL(/\/callback\?keep=1&code=\w+$/);

  const { environment } = stage.sandbox.merchant;
  const partner = new TaloClient({ environment, partner: { id, secret } });
  const code = new URL(page.url()).searchParams.get('code') ?? '';
  expect((await partner.partners.exchangeCode(code)).referredUserId).toBe('shop-7');

  await page.goto(`${stage.url}/authorize/${id}`);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.waitForURL(/\/callback\?keep=1&error=access_denied$/);
  expect(stage.complaints).toEqual([]);
});

test('a form on another page consents to nothing: who sends it is asked', async () => {
  await using shop = await openShop();
  shop.open();
  await using stage = await setStage({ partner: { redirectUri: `${shop.url}/callback` } });
  const page = await stage.open(`authorize/${stage.sandbox.partner.id}`);
  const here = page.url();
  await page.goto(shop.url);
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    document.body.append(form);
    form.submit();
  }, here);
  await page.getByRole('heading', { name: 'Connect with La mejor app' }).waitFor();
  expect(page.url()).toBe(here);
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.waitForURL(/\/callback\?code=\w+$/);
  expect(stage.complaints).toEqual([]);
});

const nothing = 'payments/VAR-none';

/** The pages in every state, with long names and amounts. */
async function everyPage(stage: Stage): Promise<[name: string, path: string][]> {
  const { app, sandbox } = stage;
  const of = async (externalId: string, paid?: number): Promise<[string, string]> => {
    const price = pesos('123456789.12');
    const motive = 'x'.repeat(60);
    const payment = await app.talo.payments.create({
      externalId,
      price,
      motive,
      redirectUrl: 'http://127.0.0.1:9/thanks',
    });
    if (paid !== undefined) sandbox.bank.transfer({ to: payment.cvu, amount: paid });
    return [externalId, `payments/${payment.id}`];
  };
  const pages = [await of('open'), await of('underpaid', 1), await of('overpaid', 200_000_000)];
  const expired = await of('expired');
  await sandbox.clock.advance({ hours: 31 });
  return [
    ...pages,
    expired,
    await of('new'),
    ['nothing', nothing],
    ['nothing', nothing],
    ['authorize', `authorize/${sandbox.partner.id}?referred_user_id=${'y'.repeat(60)}`],
  ];
}

describe.each(['es-AR', 'en-US'])('in %s', (locale) => {
  test.each(['light', 'dark'] as const)(
    'no page has a violation, nor is wider than a phone (%s)',
    async (scheme) => {
      await using stage = await setStage({ clock: 'virtual' });
      for (const [name, path] of await everyPage(stage)) {
        const page = await stage.open(path, {
          locale,
          colorScheme: scheme,
          viewport: { width: 360, height: 740 },
          isMobile: true,
        });
        expect(await violations(page), name).toEqual([]);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(beyond, name).toBeLessThanOrEqual(0);
        expect(await page.getAttribute('html', 'lang')).toBe(locale.slice(0, 2));
        await page.close(); // one that is paid would go back to the shop
      }
      // the address of nothing, which the browser reports by itself
      expect(stage.complaints.filter((complaint) => !complaint.endsWith(nothing))).toEqual([]);
    },
  );
});
