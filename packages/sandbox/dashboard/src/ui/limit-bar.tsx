import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { stretch } from '../lib/format.ts';
import { status } from '../lib/sandbox.ts';

/** How much of Talo's time limit an answer took. */
export function LimitBar({ ms, late }: { ms: number; late: boolean }): VNode {
  const limit = status.value?.limits.answerMs ?? 3000;
  const percent = Math.min(100, Math.round((ms / limit) * 100));
  const tone = late || percent >= 100 ? 'bad' : percent >= 60 ? 'warn' : 'good';
  return (
    <span class="limit" title={words.value.webhooks.limit(stretch(limit))}>
      <span class="limit-track" role="img" aria-label={words.value.timeline.bar(percent)}>
        <span class={`limit-fill ${tone}`} style={{ width: `${Math.max(percent, 2)}%` }} />
      </span>
      <span class="num">{stretch(ms)}</span>
    </span>
  );
}
