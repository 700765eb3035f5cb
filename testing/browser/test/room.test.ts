import { afterAll, expect, test } from 'vitest';
import { furnish, furnishAtLength } from './support/furnished.ts';
import { tooWide, widen } from './support/room.ts';
import { closeBrowser, setStage, visit } from './support/stage.ts';

afterAll(closeBrowser);

/** Tablets, the usual screens, and the widths between at which a view is laid out anew. */
const WIDTHS = [600, 768, 900, 1024, 1200, 1280, 1440, 1680, 1920];

test.each([
  ['ordinary', 'es-AR', furnish],
  ['ordinary', 'en-US', furnish],
  ['the longest', 'es-AR', furnishAtLength],
  ['the longest', 'en-US', furnishAtLength],
] as const)('no view hides a part of a table on a desk: %s names (%s)', async (_names, locale, furniture) => {
  await using stage = await setStage({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
  const places = await furniture(stage.sandbox, stage.app);
  const page = await stage.open('#/', { locale });
  await widen(page);
  const found: string[] = [];
  for (const [name, hash] of places) {
    await visit(page, hash);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const what of await tooWide(page)) found.push(`${name} at ${width}: ${what}`);
    }
  }
  expect(found).toEqual([]);
  expect(stage.complaints).toEqual([]);
});
