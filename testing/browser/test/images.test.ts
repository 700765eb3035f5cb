import { readdir, readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { withPalette } from '../src/palette.ts';
import { views } from '../src/views.ts';
import { closeBrowser, sharedBrowser } from './support/stage.ts';

afterAll(closeBrowser);

const folder = new URL('../../../docs/images/', import.meta.url);

test('every view has a picture, which is small, and which a page shows', async () => {
  const page = await readFile(new URL('README.md', folder), 'utf8');
  const shown = [...page.matchAll(/[\w-]+\.png/g)].map(([name]) => name);
  const files = (await readdir(folder)).filter((name) => name !== 'README.md');
  expect(files.toSorted()).toEqual([...new Set(shown)].toSorted());
  expect(files).toEqual(expect.arrayContaining(Object.keys(views).map((name) => `${name}.png`)));
  for (const name of files) {
    expect((await readFile(new URL(name, folder))).length, name).toBeLessThan(150 * 1024);
  }
});

test('a picture with a palette is the same to the eye', async () => {
  const page = await (await sharedBrowser()).newPage({ viewport: { width: 200, height: 120 } });
  // more colours than a palette has
  await page.setContent(
    '<body style="margin:0;height:120px;background:linear-gradient(90deg,#0b6b6e,#fcf0da 60%,#b3261e)">',
  );
  const full = await page.screenshot();
  const small = withPalette(full);
  expect(small.length).toBeLessThan(full.length);
  const [furthest, colours] = await page.evaluate(
    async ([a, b]) => {
      const pixels = async (png: string): Promise<Uint8ClampedArray> => {
        const image = new Image();
        image.src = `data:image/png;base64,${png}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
        canvas?.drawImage(image, 0, 0);
        return canvas?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
      };
      const [before, after] = [await pixels(a), await pixels(b)];
      const seen = new Set<string>();
      let most = before.length === after.length ? 0 : 255;
      for (let at = 0; at < before.length; at += 1) {
        most = Math.max(most, Math.abs((before[at] ?? 0) - (after[at] ?? 0)));
        if (at % 4 === 0) seen.add(before.slice(at, at + 3).join());
      }
      return [most, seen.size] as const;
    },
    [full.toString('base64'), small.toString('base64')] as const,
  );
  expect(colours).toBeGreaterThan(256);
  expect(furthest).toBeLessThanOrEqual(8);
  await page.context().close();
});
