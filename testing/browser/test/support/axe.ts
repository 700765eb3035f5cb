import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What the automated check finds, as sentences: rule, and where. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`),
    );
  });
}

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}
