import type { Fault } from '../../../src/control/contract.ts';
import type { Dictionary } from '../i18n/index.ts';

type Text = Dictionary['faults']['presets'];

export interface Preset {
  readonly title: keyof Text;
  readonly hint: keyof Text;
  readonly fault: Fault;
}

/** What most integrations get wrong first. */
export const PRESETS: readonly Preset[] = [
  {
    title: 'lost',
    hint: 'lostHint',
    fault: { match: { method: 'POST', route: '/payments/' }, effect: 'lose-response', times: 1 },
  },
  { title: 'drop', hint: 'dropHint', fault: { side: 'webhook', effect: 'drop', times: 1 } },
  { title: 'duplicate', hint: 'duplicateHint', fault: { side: 'webhook', effect: 'duplicate', copies: 2 } },
  {
    title: 'notReadable',
    hint: 'notReadableHint',
    fault: { match: { method: 'GET' }, effect: 'not-readable', times: 3 },
  },
  {
    title: 'slowGet',
    hint: 'slowGetHint',
    fault: { match: { method: 'GET', route: '/payments/:id' }, delayMs: 5000 },
  },
  {
    title: 'slowAnswer',
    hint: 'slowAnswerHint',
    fault: { side: 'webhook', effect: 'slow-answer', delayMs: 4000, times: 1 },
  },
  { title: 'down', hint: 'downHint', fault: { status: 500, times: 3 } },
  {
    title: 'limited',
    hint: 'limitedHint',
    fault: { status: 429, headers: { 'retry-after': '2' }, times: 3 },
  },
  { title: 'token', hint: 'tokenHint', fault: { effect: 'expire-token', times: 1 } },
];
