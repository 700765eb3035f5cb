import type { VNode } from 'preact';
import { statusWord, words } from '../i18n/index.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'calm';

const TONES: Readonly<Record<string, Tone>> = {
  SUCCESS: 'good',
  ACTIVE: 'good',
  PROCESSED: 'good',
  credited: 'good',
  delivered: 'good',
  OVERPAID: 'warn',
  UNDERPAID: 'warn',
  UNDER_REVIEW: 'warn',
  SUSPENDED: 'warn',
  timeout: 'warn',
  rejected: 'bad',
  failed: 'bad',
  bounced: 'bad',
  reversed: 'bad',
  REVERSED: 'bad',
  REJECTED: 'bad',
  revoked: 'bad',
  refused: 'bad',
  dropped: 'bad',
  PENDING: 'info',
  pending: 'info',
};

export function toneOf(status: string): Tone {
  return TONES[status] ?? 'calm';
}

/** A state in words; the colour only repeats them. Talo's own name is in the tooltip. */
export function StatusChip({ status }: { status: string }): VNode {
  return (
    <Chip tone={toneOf(status)} title={status}>
      {statusWord(words.value, status)}
    </Chip>
  );
}

export function Chip(given: { tone: Tone; title?: string; children: preact.ComponentChildren }): VNode {
  return (
    <span class={`chip ${given.tone}`} title={given.title}>
      <span class="dot" aria-hidden="true" />
      {given.children}
    </span>
  );
}

/** The status of an HTTP answer. */
export function HttpChip({ status }: { status: number | undefined }): VNode {
  const words_ = words.value;
  if (status === undefined) return <Chip tone="bad">{words_.requests.lost}</Chip>;
  const tone: Tone = status < 300 ? 'good' : status < 400 ? 'info' : status < 500 ? 'warn' : 'bad';
  return <span class={`code ${tone}`}>{status}</span>;
}
