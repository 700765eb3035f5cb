import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { CopyButton } from './copy.tsx';

/** Text as it went over the wire, indented if it is JSON. It scrolls, so the keyboard has to reach it. */
export function Source({ text, label }: { text: string; label: string }): VNode {
  const shown = pretty(text);
  return (
    <div class="source">
      <CopyButton text={shown} what={label} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{shown}</code>
        </pre>
      </section>
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

export function Headers({ of, label }: { of: Readonly<Record<string, string>>; label: string }): VNode {
  const lines = Object.entries(of).map(([name, value]) => `${name}: ${value}`);
  return lines.length === 0 ? (
    <p class="hint">{words.value.none}</p>
  ) : (
    <Source text={lines.join('\n')} label={label} />
  );
}
