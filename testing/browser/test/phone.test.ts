import { afterAll, expect, test } from 'vitest';
import { furnish, furnishAtLength } from './support/furnished.ts';
import { tooWide } from './support/room.ts';
import { closeBrowser, setStage, visit } from './support/stage.ts';

afterAll(closeBrowser);

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each([
  ['ordinary', 'es-AR', furnish],
  ['ordinary', 'en-US', furnish],
  ['the longest', 'es-AR', furnishAtLength],
  ['the longest', 'en-US', furnishAtLength],
] as const)('nothing is wider than a phone: %s names (%s)', async (_names, locale, furniture) => {
  await using stage = await setStage({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
  const places = await furniture(stage.sandbox, stage.app);
  const page = await stage.open('#/', { ...phone, locale });
  const found: string[] = [];
  for (const [name, hash] of places) {
    await visit(page, hash);
    for (const what of await tooWide(page)) found.push(`${name}: ${what}`);
  }
  expect(found).toEqual([]);
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
