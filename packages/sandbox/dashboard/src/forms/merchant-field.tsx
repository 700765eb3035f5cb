import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { changes } from '../lib/concerns.ts';
import { useLoaded } from '../lib/load.ts';
import { Select } from '../ui/form.tsx';

/** Whose; nothing to choose while there is only one. The value is empty for the default merchant. */
export function MerchantField(given: { value: string; onChange: (userId: string) => void }): VNode | null {
  const { data } = useLoaded(
    'merchants',
    (signal) => read(signal, 'GET /merchants', { query: { limit: 500 } }),
    changes('merchants'),
  );
  if (data === undefined || data.total < 2) return null;
  const choices = data.items
    .toReversed()
    .map(({ userId, name, aliasPrefix }) => ({ value: userId, text: `${name} (${aliasPrefix})` }));
  const [first] = choices;
  return (
    <Select
      label={words.value.field.merchant}
      value={given.value === '' ? (first?.value ?? '') : given.value}
      onChange={given.onChange}
      choices={choices}
    />
  );
}
