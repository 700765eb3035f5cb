import type { VNode } from 'preact';
import { type Dictionary, words } from '../i18n/index.ts';
import { choose, shortcuts } from '../lib/preferences.ts';
import { GO } from '../lib/shortcuts.ts';
import { Checkbox } from '../ui/form.tsx';

export function ShortcutList(): VNode {
  const { shortcuts: text, nav } = words.value;
  const simple = [
    ['?', text.help],
    ['/', text.search],
    ['t', text.transfer],
    ['n', text.payment],
    ['Esc', text.escape],
  ] as const;
  return (
    <>
      <dl class="keys">
        {simple.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        {Object.entries(GO).map(([key, path]) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <span class="faint">{text.andThen}</span> <kbd>{key}</kbd>
            </dt>
            <dd>
              {text.go} <strong>{nav[nameOf(path)]}</strong>
            </dd>
          </div>
        ))}
      </dl>
      <Checkbox
        label={text.enabled}
        hint={text.enabledHint}
        checked={shortcuts.value}
        onChange={(on) => choose('shortcuts', on ? 'on' : 'off')}
      />
    </>
  );
}

function nameOf(path: string): keyof Dictionary['nav'] {
  const { nav } = words.peek();
  return path in nav ? (path as keyof Dictionary['nav']) : 'overview'; // every path but the empty one is a name there
}
