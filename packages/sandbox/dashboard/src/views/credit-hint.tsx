import type { VNode } from 'preact';
import type { Credit, TimelineEntry } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { status } from '../lib/sandbox.ts';
import { creditSnippet } from '../lib/snippet.ts';
import { Source } from '../ui/json.tsx';

/** The one thing that the sandbox cannot see by itself. Open where money has come in and nothing was said of it. */
export function CreditHint(given: { credit: Credit; entries: readonly TimelineEntry[] }): VNode {
  const { timeline } = words.value;
  const { credit, entries } = given;
  const came = entries.some((entry) => entry.type === 'transfer' && entry.outcome === 'credited');
  const said = entries.some(({ type }) => type === 'credited');
  return (
    <details class="panel fold-panel" open={came && !said}>
      <summary>
        <h2>{timeline.creditTitle}</h2>
        <span class="hint">{timeline.creditHint}</span>
      </summary>
      <Source text={creditSnippet(status.value?.url ?? '', credit)} label={timeline.creditTitle} />
    </details>
  );
}
