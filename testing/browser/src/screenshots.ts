// Pictures of every view, for the documentation: `npx -y pnpm@12 screenshots`. The sandbox is seeded and its clock stands
// still, so two runs on one machine give the same pictures.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pesos } from '@talo/core';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { type Application, startApplication } from './application.ts';
import { launch } from './browser.ts';
import { withPalette } from './palette.ts';
import { placesAfter, playStory } from './story.ts';

/** As in the READMEs, so that the pictures show what people see. */
const SANDBOX_PORT = 4600;
const APPLICATION_PORT = 3000;
const LARGEST = 150 * 1024;

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const desk = { viewport: { width: 1200, height: 750 } };
/** Room for a timeline from the first call to the credit. */
const tall = { viewport: { width: 1200, height: 1200 } };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };

/** How long things took depends on the machine. In the pictures it follows from which thing it is. */
function steadyTimes(): void {
  const steady = function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    if (key === 'date') return 'Mon, 02 Mar 2026 17:36:35 GMT';
    if (key !== 'durationMs') return value;
    const name = String(this['requestId'] ?? this['at'] ?? this['id']);
    let sum = 0;
    for (const char of name) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
    return 18 + (sum % 70);
  };
  const parse = JSON.parse;
  JSON.parse = (text: string, reviver?: Parameters<typeof parse>[1]) => parse(text, reviver ?? steady);
  Response.prototype.json = async function () {
    return JSON.parse(await this.text());
  };
}

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const sandbox = createSandbox({ clock: 'virtual', startAt: new Date('2026-03-02T17:20:00Z') });
  const { url } = await sandbox.listen({ port: SANDBOX_PORT });
  const app = await startApplication(sandbox, APPLICATION_PORT);
  const browser = await launch();
  const large: string[] = [];

  const picture = async (
    name: string,
    address: string,
    options: BrowserContextOptions,
    ready = viewIsReady,
  ): Promise<void> => {
    const path = `${folder}${name}.png`;
    const settings = { locale: 'en-US', reducedMotion: 'reduce', ...options } as const;
    const png = withPalette(await shoot(browser, `${url}/${address}`, settings, ready));
    await writeFile(path, png);
    console.log(`${path}  ${(png.length / 1024).toFixed(0)} KB`);
    if (png.length > LARGEST) large.push(name);
  };

  try {
    await picture('first-visit', '#/', desk);
    await picture('first-visit-es', '#/', { ...desk, locale: 'es-AR' });
    const places = await placesAfter(sandbox, await playStory(sandbox, app));
    sandbox.faults.add({ side: 'webhook', effect: 'duplicate', copies: 2 });
    for (const [name, hash] of places) await picture(name, hash, name === 'payment' ? tall : desk);
    const payment = places.get('payment') ?? '';
    await picture('payment-dark', payment, { ...desk, colorScheme: 'dark' });
    await picture('payment-phone', payment, phone);
    await picture('overview-es', '#/', { ...desk, locale: 'es-AR' });
    const checkout = await checkoutOf(sandbox, app);
    await picture('checkout', checkout, phone, pageIsReady);
    await picture(
      'checkout-es-dark',
      checkout,
      { ...phone, locale: 'es-AR', colorScheme: 'dark' },
      pageIsReady,
    );
    const consent = `authorize/${sandbox.partner.id}?referred_user_id=shop-7`;
    await picture('authorize', consent, phone, pageIsReady);
  } finally {
    await browser.close();
    await app.stop();
    await sandbox.close();
  }
  if (large.length > 0) throw new Error(`Larger than ${LARGEST / 1024} KB: ${large.join(', ')}`);
}

/** Where the payer of one more order looks. */
async function checkoutOf(sandbox: Sandbox, { talo }: Application): Promise<string> {
  const { id } = await talo.payments.create({
    externalId: 'orden-1047',
    price: pesos(48_500),
    motive: 'Pedido orden-1047',
    redirectUrl: 'http://localhost:3000/gracias',
  });
  await sandbox.clock.advance({ minutes: 3 });
  return `payments/${encodeURIComponent(id)}`;
}

const viewIsReady = (): boolean =>
  document.querySelector('main h1') !== null &&
  document.querySelector('main .waiting') === null &&
  document.querySelector('.live.is-live') !== null;

/** The checkout and the consent come whole. */
const pageIsReady = (): boolean => document.readyState === 'complete';

async function shoot(
  browser: Browser,
  address: string,
  options: BrowserContextOptions,
  ready: () => boolean,
): Promise<Buffer> {
  const page = await browser.newPage(options);
  await page.addInitScript(steadyTimes);
  await page.goto(address);
  await page.waitForFunction(ready);
  // what the stream brings makes the page read once more
  await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
  const png = await page.screenshot({ animations: 'disabled' });
  await page.context().close();
  return png;
}

await main();
