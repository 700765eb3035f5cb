import { computed } from '@preact/signals';
import { type Language, language } from '../lib/preferences.ts';
import { type Dictionary, en } from './en.ts';
import { es } from './es.ts';

export type { Dictionary } from './en.ts';

export const dictionaries: Readonly<Record<Language, Dictionary>> = { es, en };

/** The texts in the chosen language; a component that reads them is drawn again when it changes. */
export const words = computed(() => dictionaries[language.value]);

/** The word for a status; what Talo might add is shown as it comes. */
export function statusWord(dictionary: Dictionary, status: string): string {
  const known: Readonly<Record<string, string>> = dictionary.status;
  return known[status] ?? status;
}
