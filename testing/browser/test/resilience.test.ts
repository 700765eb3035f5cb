import { pesos } from '@talo/core';
import { createSandbox } from '@talo/sandbox';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, panel, setStage, sharedBrowser, visit } from './support/stage.ts';

afterAll(closeBrowser);

test('a sandbox that went away is said, and its return noticed', async () => {
  const sandbox = createSandbox();
  const first = await sandbox.listen({ port: 0 });
  const page = await (await sharedBrowser()).newPage({ locale: 'en-US' });
  await page.goto(`${first.url}/#/payments`);
  await page.getByText('No payments yet').waitFor();

  await first.close();
  await page.getByText('no connection').waitFor();
  await page.getByRole('link', { name: 'Bank', exact: true }).click();
  await page.getByRole('button', { name: 'Try again' }).waitFor();

  await sandbox.listen({ port: first.port });
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('No transfer yet').waitFor();
  await page.context().close();
  await sandbox.close();
});

test('what a stranger writes is text, never part of the page', async () => {
  await using stage = await setStage();
  const evil = '<img src=x onerror="document.title=1"><b>bold</b>';
  const payment = await stage.app.talo.payments.create({
    externalId: 'x"><script>alert(1)</script>',
    price: pesos(10),
    motive: evil,
  });
  stage.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(10), from: { name: evil } });
  await stage.app.idle();
  const page = await stage.open('#/payments');
  await page.getByText('x"><script>alert(1)</script>').waitFor();
  await visit(page, `#/payments/${stage.user}/${encodeURIComponent(payment.id)}`);
  await panel(page, 'Details').getByText(evil).waitFor();
  await panel(page, 'Timeline').getByText(evil).waitFor();
  expect(await page.locator('main img, main b, main script').count()).toBe(0);
  // the policy had nothing to stop
  expect(stage.complaints).toEqual([]);
});

test('language and theme are kept, and change without a reload', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/payments', { locale: 'es-AR', colorScheme: 'light' });
  await page.getByRole('heading', { level: 1, name: 'Pagos' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('es-AR');
  await page.getByRole('button', { name: 'Idioma: English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Payments' }).waitFor();

  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Theme: As the system' }).click();
  await page.getByRole('button', { name: 'Theme: Light' }).click();
  await page.getByRole('button', { name: 'Theme: Dark' }).waitFor();
  const dark = await ground();
  expect(dark).not.toBe(light);

  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Payments' }).waitFor();
  expect(await ground()).toBe(dark);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(stage.complaints).toEqual([]);
});

test('a slow answer fills its bar and counts as failed', async () => {
  await using stage = await setStage({
    clock: 'virtual',
    faults: [{ side: 'webhook', effect: 'slow-answer', delayMs: 4000 }],
  });
  const { app, sandbox } = stage;
  const payment = await app.talo.payments.create({ externalId: 'slow', price: pesos(10) });
  const page = await stage.open(`#/payments/${stage.user}/${encodeURIComponent(payment.id)}`);
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos(10) });
  const timeline = panel(page, 'Timeline');
  await sandbox.clock.advance({ seconds: 5 });
  await timeline.getByText('Too slow').first().waitFor();
  await timeline.getByText('over the limit: counts as failed').first().waitFor();
  await timeline.getByRole('img', { name: '100 % of the time limit' }).first().waitFor();
  await timeline
    .getByText(/^Attempt 2 is due at /)
    .first()
    .waitFor();
  expect(stage.complaints).toEqual([]);
});

test('a browser that does not let a page copy is named as the reason', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/payments');
  // as on an address that is neither HTTPS nor this machine
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await visit(page, '#/');
  await page.getByRole('button', { name: 'Copy User id' }).click();
  await page.getByText('The browser does not let this page copy.').waitFor();
  expect(stage.complaints).toEqual([]);
});

test('after days of use the overview shows what is still known', async () => {
  await using stage = await setStage({ historyLimit: 5 });
  for (let index = 0; index < 600; index++) stage.sandbox.faults.add({ times: 1 })();
  for (let index = 0; index < 6; index++) {
    await stage.app.talo.payments.create({ externalId: `order-${index}`, price: pesos(10) });
  }
  const page = await stage.open();
  const activity = panel(page, 'What just happened').getByRole('listitem');
  await activity.getByRole('link').first().waitFor();
  const figures = page.getByRole('region', { name: 'In this sandbox' });
  await figures.getByRole('link', { name: 'Requests 5+' }).waitFor();
  await figures.getByRole('link', { name: 'Payments 6', exact: true }).waitFor();
  expect(stage.complaints).toEqual([]);
});

test('a webhook that was not sent says why, and shows no time', async () => {
  await using stage = await setStage();
  const payment = await stage.app.talo.payments.create({
    externalId: 'order-1',
    price: pesos(10),
    webhookUrl: 'https://shop.example/webhooks/talo',
  });
  stage.sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(10) });
  await stage.app.idle();
  const page = await stage.open('#/webhooks');
  await page.getByRole('table').getByRole('rowheader').getByRole('link').first().click();
  const attempt = panel(page, 'Webhook withheld');
  await attempt.getByText(/shop\.example is not this machine/).waitFor();
  expect(await attempt.getByRole('img').count()).toBe(0);
  expect(stage.complaints).toEqual([]);
});
