import { signal } from '@preact/signals';

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
  readonly link?: { readonly href: string; readonly text: string };
}

export const toasts = signal<readonly Toast[]>([]);

const SHOWN_MS = 6000;
const AT_ONCE = 4;
let next = 0;

/**
 * Says what came of something. A failure stays until it is dismissed. What leads somewhere stays until the next that
 * does, or until the view changes: nobody has to be quick to follow it.
 */
export function say(tone: Toast['tone'], text: string, link?: Toast['link']): void {
  next += 1;
  const toast: Toast = { id: next, tone, text, ...(link && { link }) };
  if (link) dismissLinks();
  toasts.value = [...toasts.value, toast].slice(-AT_ONCE);
  if (tone === 'good' && !link) expire(toast.id);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function startToasts(): void {
  addEventListener('hashchange', dismissLinks);
}

function dismissLinks(): void {
  toasts.value = toasts.value.filter(({ tone, link }) => tone === 'bad' || link === undefined);
}

/** Later, while somebody is at it with the pointer or the keyboard. */
function expire(id: number): void {
  setTimeout(() => {
    if (document.querySelector('.toasts:is(:hover, :focus-within)') === null) dismiss(id);
    else expire(id);
  }, SHOWN_MS);
}
