import { signal } from '@preact/signals';

/** On a phone the views are behind a button. */
export const menuOpen = signal(false);
