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

/** Says what came of something. A failure stays until it is dismissed. */
export function say(tone: Toast['tone'], text: string, link?: Toast['link']): void {
  next += 1;
  const toast: Toast = { id: next, tone, text, ...(link && { link }) };
  toasts.value = [...toasts.value, toast].slice(-AT_ONCE);
  if (tone === 'good') setTimeout(() => dismiss(toast.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
