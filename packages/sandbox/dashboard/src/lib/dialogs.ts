import { signal } from '@preact/signals';

/** A dialog that can be opened from anywhere. One at a time. */
export type OpenDialog =
  | { readonly type: 'transfer'; readonly to?: string; readonly kind?: string }
  | { readonly type: 'payment'; readonly userId?: string }
  | { readonly type: 'customer'; readonly userId?: string }
  | { readonly type: 'forge' }
  | { readonly type: 'shortcuts' };

export const dialog = signal<OpenDialog | undefined>(undefined);

export function openDialog(which: OpenDialog): void {
  dialog.value = which;
}

export function closeDialog(): void {
  dialog.value = undefined;
}
