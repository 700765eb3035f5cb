import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ViewName, views } from '../src/views.ts';
import { violations } from './support/axe.ts';
import { furnish } from './support/furnished.ts';
import { closeBrowser, dialogGone, type Stage, setStage, visit } from './support/stage.ts';

let stage: Stage;
let places: ReadonlyMap<ViewName, string>;

beforeAll(async () => {
  stage = await setStage({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
  places = await furnish(stage.sandbox, stage.app);
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await closeBrowser();
});

describe.each([
  { colorScheme: 'light', locale: 'es-AR' },
  { colorScheme: 'dark', locale: 'es-AR' },
  { colorScheme: 'light', locale: 'en-US' },
  { colorScheme: 'dark', locale: 'en-US' },
] as const)('$colorScheme, $locale', ({ colorScheme, locale }) => {
  let page: Page;

  beforeEach(async () => {
    page = await stage.open('#/', { colorScheme, locale, reducedMotion: 'reduce' });
  });
  afterEach(() => page.context().close());

  test('no view has a violation, nor anything to say on the console', async () => {
    const titles = new Set<string>();
    for (const name of Object.keys(views) as ViewName[]) {
      await visit(page, places.get(name) ?? '');
      expect(await violations(page), name).toEqual([]);
      titles.add(await page.title());
    }
    // every view says in the tab which one it is
    expect(titles.size).toBeGreaterThanOrEqual(Object.keys(views).length - 2);
    expect(stage.complaints).toEqual([]);
  });

  test('nor does a dialog', async () => {
    for (const key of ['t', 'n', '?']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      expect(await violations(page), key).toEqual([]);
      await page.keyboard.press('Escape');
      await dialogGone(page);
    }
    await visit(page, '#/webhooks');
    await page.locator('main .actions button').first().click();
    await page.getByRole('dialog').waitFor();
    expect(await violations(page), 'forge').toEqual([]);
  });
});

test('the empty sandbox has no violation either', async () => {
  await using empty = await setStage();
  const page = await empty.open();
  for (const hash of ['#/', '#/payments', '#/customers', '#/bank', '#/webhooks', '#/requests', '#/nowhere']) {
    await visit(page, hash);
    expect(await violations(page), hash).toEqual([]);
  }
  expect(empty.complaints).toEqual([]);
});
