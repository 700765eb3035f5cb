import { createSandbox, type Sandbox, type SandboxOptions } from '@talo/sandbox';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type Application, startApplication } from '../../src/application.ts';
import { launch } from '../../src/browser.ts';

/** A running sandbox, an application beside it, and a browser in front. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly app: Application;
  readonly url: string;
  readonly user: string;
  /** A page at a place of the dashboard, in a browser of its own. What its console complains of is kept. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors and warnings of all its pages. */
  readonly complaints: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

let browser: Promise<Browser> | undefined;

export function sharedBrowser(): Promise<Browser> {
  browser ??= launch();
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export async function setStage(options: SandboxOptions = {}): Promise<Stage> {
  const sandbox = createSandbox(options);
  const { url } = await sandbox.listen({ port: 0 });
  const app = await startApplication(sandbox);
  const pages: Page[] = [];
  const complaints: string[] = [];
  return {
    sandbox,
    app,
    url,
    user: sandbox.merchant.credentials.userId,
    complaints,
    async open(hash = '#/', given = {}) {
      const page = await (await sharedBrowser()).newPage({
        locale: 'en-US',
        viewport: { width: 1280, height: 900 },
        ...given,
      });
      pages.push(page);
      page.setDefaultTimeout(60_000);
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) {
          complaints.push(`${message.text()} ${message.location().url}`);
        }
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.addInitScript(keepWhatIsSaid);
      await page.goto(`${url}/${hash}`);
      await page.locator('main h1').waitFor();
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const page of pages) await page.context().close();
      await app.stop();
      await sandbox.close();
    },
  };
}

/** One of the dashboard's panels by its heading. */
export function panel(page: Page, title: string) {
  return page.getByRole('region', { name: title });
}

/** Goes to another place, and waits until it is that place which shows what it has. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  const place = decodeURIComponent(hash.replace(/^#\//, '').replace(/\?.*/, ''));
  await page.waitForFunction((shown) => {
    const main = document.querySelector<HTMLElement>('main');
    return main?.dataset['place'] === shown && main.querySelector('h1') && !main.querySelector('.waiting');
  }, place);
}

/** Runs in the page. What a screen reader is told soon goes away; a slow machine must not miss it. */
function keepWhatIsSaid(): void {
  const said = new Set<string>();
  new MutationObserver(() => {
    for (const region of document.querySelectorAll('[role=log], [role=status], [role=alert]')) {
      said.add(region.textContent);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
  Object.assign(window, { said });
}

/** Waits until this was said, be it shown still or not. */
export async function heard(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => [...window.said].some((said) => said.includes(wanted)), text);
}

declare global {
  interface Window {
    readonly said: ReadonlySet<string>;
  }
}

/** What it says, a space between its parts and for the no-break ones of amounts. */
export async function plainText(locator: Locator): Promise<string> {
  const texts = await locator.locator('p, time, span').allTextContents();
  return texts.join(' ').replaceAll('\u00a0', ' ');
}

/** By its element: one that is closing has no role any more, but still the keyboard. */
export function dialogGone(page: Page): Promise<void> {
  return page.locator('dialog').waitFor({ state: 'detached' });
}
