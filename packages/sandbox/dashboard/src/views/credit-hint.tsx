import type { VNode } from 'preact';
import type { Credit } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { status } from '../lib/sandbox.ts';
import { creditSnippet } from '../lib/snippet.ts';
import { Source } from '../ui/json.tsx';

/** The one thing that the sandbox cannot see by itself. */
export function CreditHint({ credit }: { credit: Credit }): VNode {
  const { timeline } = words.value;
  return (
    <details class="panel fold-panel">
      <summary>
        <h2>{timeline.creditTitle}</h2>
        <span class="hint">{timeline.creditHint}</span>
      </summary>
      <Source text={creditSnippet(status.value?.url ?? '', credit)} label={timeline.creditTitle} />
    </details>
  );
}
