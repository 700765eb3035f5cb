import type { Page } from 'playwright-core';

/** What has less room than it needs: the page, a table that hides columns beyond its frame, what sticks out of a panel. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const beyond = document.documentElement.scrollWidth - window.innerWidth;
    if (beyond > 0) found.push(`the page by ${beyond} px`);
    for (const frame of document.querySelectorAll('.table-wrap')) {
      const hidden = frame.scrollWidth - frame.clientWidth;
      const name = frame.querySelector('caption')?.textContent;
      if (hidden > 0) found.push(`the table "${name}" by ${hidden} px`);
    }
    for (const box of document.querySelectorAll('.panel, .list, .tile, .card, .step, .summary, .top-row')) {
      const edge = box.getBoundingClientRect().right + 0.5;
      for (const part of box.querySelectorAll('*')) {
        if (part.closest('.hidden, .table-wrap, .clip') !== null) continue;
        if (part.getBoundingClientRect().right > edge)
          found.push(`out of ${box.className}: ${part.outerHTML}`);
      }
    }
    return found;
  });
}

/** Whose machine has it, sees a font that is as wide as any: every letter takes a tenth more of the line. */
export function widen(page: Page): Promise<void> {
  return page.evaluate(() => {
    document.body.style.letterSpacing = '0.05em';
  });
}
