import { dialog, openDialog } from './dialogs.ts';
import { shortcuts } from './preferences.ts';
import { go, to } from './router.ts';

/** After `g`: the letters are those of the English names, in both languages, so that fingers need not change. */
export const GO: Readonly<Record<string, string>> = {
  o: '',
  p: 'payments',
  c: 'customers',
  b: 'bank',
  w: 'webhooks',
  r: 'requests',
  m: 'merchants',
  a: 'partner',
  f: 'faults',
  k: 'clock',
  s: 'settings',
};

/** A `g` means something for so long. */
const PATIENCE_MS = 1500;

export function startShortcuts(): void {
  let leader = Number.NEGATIVE_INFINITY;
  addEventListener('keydown', (event) => {
    if (!shortcuts.value || dialog.value !== undefined) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    // when it was pressed, which on a busy page is long before it is heard
    const led = event.timeStamp - leader < PATIENCE_MS;
    leader = Number.NEGATIVE_INFINITY;
    const where = led ? GO[event.key] : undefined;
    if (where !== undefined) go(to(where === '' ? [] : [where]));
    else if (event.key === 'g') leader = event.timeStamp;
    else if (event.key === '?') openDialog({ type: 'shortcuts' });
    else if (event.key === 't') transfer();
    else if (event.key === 'n') openDialog({ type: 'payment' });
    else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus();
    else return;
    event.preventDefault();
  });
}

/** What the view itself offers goes first: on a payment's page that is a transfer to it. */
function transfer(): void {
  const offered = document.querySelector<HTMLElement>('main [data-shortcut="t"]');
  if (offered === null) openDialog({ type: 'transfer' });
  else offered.click();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
