// development only
import { createSandbox } from '@talo/sandbox';
import { startApplication } from './application.ts';
import { launch } from './browser.ts';
import { playStory } from './story.ts';
import { fill, views } from './views.ts';

const only = process.argv[2]?.split(',');
const themes = (process.argv[3] ?? 'light').split(',');
const sizes = (process.argv[4] ?? 'desk').split(',');
const lang = process.argv[5] ?? 'es';
const fresh = process.argv[6] === 'fresh';
const sandbox = createSandbox({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
const { url, close } = await sandbox.listen({ port: 4655 });
const app = await startApplication(sandbox, 3055);
const made = fresh ? { split: '', customer: '' } : await playStory(sandbox, app);
const get = async (p: string): Promise<any> => (await fetch(`${url}/_sandbox${p}`)).json();
const values = {
  user: sandbox.merchant.credentials.userId,
  payment: made.split,
  customer: made.customer,
  notice: (await get('/notices')).items[0]?.id ?? '',
  request: (await get('/requests')).items[0]?.id ?? '',
};
const browser = await launch();
for (const theme of themes)
  for (const size of sizes) {
    const page = await browser.newPage({
      viewport: size === 'phone' ? { width: 360, height: 780 } : { width: 1360, height: 900 },
      colorScheme: theme as 'light',
      locale: lang === 'es' ? 'es-AR' : 'en-US',
    });
    page.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log('CONSOLE', m.text()));
    page.on('pageerror', (e) => console.log('PAGEERROR', e.stack));
    for (const [name, hash] of Object.entries(views)) {
      if (only && only[0] !== 'all' && !only.includes(name)) continue;
      await page.goto(`${url}/${fill(hash, values)}`);
      await page.waitForSelector('h1');
      await page.waitForTimeout(500);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(name, size, 'overflows by', wide);
      await page.screenshot({
        path: `/tmp/shots/${name}-${theme}-${size}.png`,
        fullPage: process.env['FULL'] === '1',
      });
    }
    await page.close();
  }
await browser.close();
await app.stop();
await close();
