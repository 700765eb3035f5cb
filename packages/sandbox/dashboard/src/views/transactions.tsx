import type { VNode } from 'preact';
import type { Transaction } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { money, shorten } from '../lib/format.ts';
import { to } from '../lib/router.ts';
import { StatusChip } from '../ui/chip.tsx';
import { Panel } from '../ui/panel.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { PayerName } from './payer-name.tsx';

/** As many as a person looks through here; the bank's list has pages. */
const SHOWN = 50;

/** The transfers that a payment or customer shows, newest first, with what the commission left. */
export function Transactions({ of, cvu }: { of: readonly Transaction[]; cvu: string }): VNode {
  const { payments, field, overview } = words.value;
  const newest = of.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN);
  return (
    <Panel
      title={payments.transactions}
      actions={of.length > SHOWN && <a href={to(['bank'], { q: cvu })}>{overview.seeAll}</a>}
    >
      {of.length === 0 ? (
        <p class="hint">{payments.transactionsEmpty}</p>
      ) : (
        <Table
          caption={payments.transactions}
          rows={newest}
          keyOf={({ id }) => id}
          columns={[
            { name: field.at, head: true, cell: ({ at }) => <Time at={at} /> },
            { name: field.from, cell: ({ from }) => <PayerName of={from} /> },
            { name: field.gross, number: true, cell: ({ gross }) => money(gross) },
            {
              name: field.commission,
              number: true,
              room: 'late',
              cell: ({ commission }) => money(commission),
            },
            { name: field.net, number: true, room: 'wide', cell: ({ net }) => money(net) },
            { name: field.status, cell: ({ status }) => <StatusChip status={status} /> },
            {
              name: field.transaction,
              room: 'late',
              cell: ({ id }) => <code title={id}>{shorten(id, 14)}</code>,
            },
          ]}
        />
      )}
    </Panel>
  );
}
