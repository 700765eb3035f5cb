import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, dialogGone, plainText, setStage } from './support/stage.ts';

afterAll(closeBrowser);

/** What has the focus, as a screen reader would name it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return '';
    const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
    return (
      element.getAttribute('aria-label') ??
      (labels.map((label) => label.textContent).join(' ') || element.textContent || element.tagName)
    ).trim();
  });
}

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Eighty tabs did not reach ${name}; the focus is on "${await focused(page)}".`);
}

test('a payment is created and paid without a mouse', async () => {
  await using stage = await setStage();
  const page = await stage.open();

  // the first stop leads past the navigation
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

  await tabTo(page, /^New payment$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  expect(await focused(page)).toBe('Price');
  await page.keyboard.type('2500');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /^Payment / }).waitFor();

  // the view's name is heard, and `t` means a transfer to what is shown
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.keyboard.press('t');
  await page.getByRole('dialog').getByText('$ 2.500,00 is missing').waitFor();
  await tabTo(page, /^Exact$/);
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('Too little');
  await page.keyboard.press('ArrowLeft');
  await tabTo(page, /^Send$/);
  await page.keyboard.press('Enter');
  await dialogGone(page);
  const state = page.getByRole('region', { name: 'Status' });
  await state.getByText('Paid', { exact: true }).waitFor();
  expect(await plainText(state)).toContain('Missing $ 0,00');

  // on by two keys, search by one
  await page.keyboard.type('gp');
  await page.getByRole('heading', { level: 1, name: 'Payments' }).waitFor();
  await page.getByRole('table').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('no such payment');
  await page.getByText('Nothing matches.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('table').waitFor();
  expect(stage.complaints).toEqual([]);
});

test('Escape closes a dialog and gives the focus back', async () => {
  await using stage = await setStage();
  const page = await stage.open();
  await tabTo(page, /^Keyboard shortcuts$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await dialogGone(page);
  expect(await focused(page)).toBe('Keyboard shortcuts');
});

test('single-key shortcuts can be switched off, and stay off', async () => {
  await using stage = await setStage();
  const page = await stage.open('#/settings');
  await page.getByLabel('Single-key shortcuts').uncheck();
  await page.locator('h1').focus();
  await page.keyboard.press('t');
  await page.reload();
  await page.locator('main h1').waitFor();
  await page.keyboard.press('t');
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});
