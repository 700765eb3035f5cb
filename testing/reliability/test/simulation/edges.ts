import type { Payment } from '@talo/core';
import type { Credit, TaloEvent } from '@talo/core/webhooks';
import type { Moved } from '../../crash/books.ts';
import type { History } from './steps.ts';

/** What Talo may do with money that most integrations get wrong. */
export const EDGES = [
  'an amount that is missing',
  'an amount with three decimals',
  'SUCCESS without its transfers',
  'a transfer in a state that nobody knows',
  'a transfer taken back',
  'a refund',
  'within the tolerance',
  'too much after SUCCESS',
  'a transfer to an expired CVU',
  'a transfer to an expired CVU, sent back',
  'two states in turn, twice',
  'no timestamps',
] as const;

export type Edge = (typeof EDGES)[number];

interface Played {
  readonly history: History;
  readonly events: readonly TaloEvent[];
  readonly credits: readonly Credit[];
  /** Our payments as Talo shows them in the end. */
  readonly payments: readonly Payment[];
  readonly transfers: readonly Moved[];
}

const PAID: readonly string[] = ['SUCCESS', 'OVERPAID'];

/** The edges that a history came to: not those that it could have come to. */
export function edgesOf({ history, events, credits, payments, transfers }: Played): readonly Edge[] {
  const { oddities, tolerance } = history;
  const came = credits.filter(({ kind }) => kind === 'credit');
  const nameless = came.some(({ gross }) => gross === undefined);
  const states = payments.map(({ id }) => statesOf(events, id));
  const received = (cvu: string | undefined) =>
    transfers.reduce(
      (sum, transfer) =>
        sum + (transfer.cvu === cvu && transfer.status === 'credited' ? transfer.amount.centavos : 0),
      0,
    );
  const met: Readonly<Record<Edge, boolean>> = {
    'an amount that is missing': nameless && (oddities.grossMissingEvery ?? 0) > 0,
    'an amount with three decimals':
      nameless && (oddities.threeDecimalsEvery ?? 0) > 0 && oddities.grossMissingEvery === 0,
    'SUCCESS without its transfers':
      oddities.settledHidesTransfers === true && payments.some(({ status }) => PAID.includes(status)),
    'a transfer in a state that nobody knows': events.some(
      (event) =>
        'payment' in event &&
        event.payment?.transactions.some(({ status }) => status === 'IN_REVIEW') === true,
    ),
    'a transfer taken back': credits.some(({ kind }) => kind === 'reversal'),
    'a refund': credits.some(({ kind }) => kind === 'refund'),
    'within the tolerance':
      tolerance > 0 &&
      payments.some(({ status, price, cvu }) => status === 'SUCCESS' && received(cvu) !== price?.centavos),
    'too much after SUCCESS': states.some(
      (each) => each.includes('SUCCESS') && each.lastIndexOf('OVERPAID') > each.indexOf('SUCCESS'),
    ),
    'a transfer to an expired CVU': events.some((event) => event.type === 'payment.transfer' && event.late),
    'a transfer to an expired CVU, sent back': transfers.some(({ status }) => status === 'bounced'),
    'two states in turn, twice': states.some((each) =>
      each.some((state, i) => state !== each[i + 1] && state === each[i + 2] && each[i + 1] === each[i + 3]),
    ),
    'no timestamps': oddities.timestampsMissing === true && came.length > 0,
  };
  return EDGES.filter((edge) => met[edge]);
}

/** Of one payment, the states that were told, in that order. */
function statesOf(events: readonly TaloEvent[], id: string): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'payment.updated' && event.payment.id === id ? [event.payment.status] : [],
  );
}
