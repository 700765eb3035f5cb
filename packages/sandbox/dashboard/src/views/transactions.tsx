import type { VNode } from 'preact';
import type { Transaction } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { money, shorten } from '../lib/format.ts';
import { StatusChip } from '../ui/chip.tsx';
import { Panel } from '../ui/panel.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

/** The transfers that a payment or customer shows, with what the commission left. */
export function Transactions({ of }: { of: readonly Transaction[] }): VNode {
  const { payments, field } = words.value;
  return (
    <Panel title={payments.transactions}>
      {of.length === 0 ? (
        <p class="hint">{payments.transactionsEmpty}</p>
      ) : (
        <Table
          caption={payments.transactions}
          rows={of}
          keyOf={({ id }) => id}
          columns={[
            { name: field.at, head: true, cell: ({ at }) => <Time at={at} /> },
            { name: field.from, cell: ({ from }) => <span title={from.account}>{from.name}</span> },
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
