import { effect, signal } from '@preact/signals';

export type Language = 'es' | 'en';
export type Theme = 'auto' | 'light' | 'dark';

/** Spanish, unless the browser asks for English before it asks for Spanish. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const known = wanted
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === 'es' || tag === 'en');
  return known === 'en' ? 'en' : 'es';
}

export const language = signal<Language>('es');
export const theme = signal<Theme>('auto');
/** Single keys as shortcuts can get in the way of speech input, so they can be switched off. */
export const shortcuts = signal(true);

export function startPreferences(): void {
  const stored = remembered('language');
  language.value = stored === 'es' || stored === 'en' ? stored : preferredLanguage(navigator.languages);
  const wanted = remembered('theme');
  theme.value = wanted === 'light' || wanted === 'dark' ? wanted : 'auto';
  shortcuts.value = remembered('shortcuts') !== 'off';

  effect(() => {
    document.documentElement.lang = language.value === 'es' ? 'es-AR' : 'en';
  });
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
  });
}

export function choose(name: 'language', value: Language): void;
export function choose(name: 'theme', value: Theme): void;
export function choose(name: 'shortcuts', value: 'on' | 'off'): void;
export function choose(name: 'language' | 'theme' | 'shortcuts', value: string): void {
  if (name === 'language') language.value = value === 'en' ? 'en' : 'es';
  if (name === 'theme') theme.value = value === 'light' || value === 'dark' ? value : 'auto';
  if (name === 'shortcuts') shortcuts.value = value !== 'off';
  try {
    localStorage.setItem(`talo-sandbox.${name}`, value);
  } catch {
    // a browser that keeps nothing: the choice lasts as long as the page
  }
}

function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`talo-sandbox.${name}`);
  } catch {
    return null;
  }
}
