import { Landmark, Undo2 } from 'lucide';
import type { VNode } from 'preact';
import type { Transfer } from '../../../src/control/contract.ts';
import { TransferForm } from '../forms/transfer-form.tsx';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { any, isType } from '../lib/concerns.ts';
import { money } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { place } from '../lib/router.ts';
import { status } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { StatusChip } from '../ui/chip.tsx';
import { Empty, Heading, Panel } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';
import { List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';
import { PayerName } from './payer-name.tsx';

export function BankView(): VNode {
  const { bank, field } = words.value;
  const { cvu } = place.value.query;
  const query = { ...listQuery(), ...(cvu !== undefined && { cvu }) };
  const transfers = useLoaded(
    askedKey(),
    (signal) => read(signal, 'GET /transfers', { query }),
    any(isType('transfer'), (event) => event.type === 'activity' && event.entry.type === 'transfer'),
  );
  const total = status.value?.total;
  return (
    <>
      <Heading title={bank.title} lead={bank.lead}>
        {total && (
          <p class="total">
            <span class="summary-label">{bank.total}</span> <strong class="num">{money(total)}</strong>
          </p>
        )}
      </Heading>
      <div class="split narrow-first">
        <Panel title={bank.send}>
          <TransferForm />
        </Panel>
        <section class="stack" aria-label={bank.transfers}>
          <List
            of={transfers}
            caption={bank.transfersCaption}
            hint={bank.searchHint}
            keyOf={({ id }) => id}
            columns={[
              { name: field.at, head: true, cell: ({ at }) => <Time at={at} /> },
              { name: field.amount, number: true, cell: ({ amount }) => money(amount) },
              {
                name: field.from,
                room: 'wide',
                cell: ({ from }) => <PayerName of={from} />,
              },
              { name: field.to, cell: ({ resource }) => <ResourceLink of={resource} /> },
              { name: field.result, cell: ({ status: outcome }) => <StatusChip status={outcome} /> },
              {
                name: words.value.actions,
                silent: true,
                number: true,
                room: 'wide',
                cell: (transfer) => <Reverse of={transfer} />,
              },
            ]}
            empty={<Empty icon={Landmark} title={bank.transfersEmpty} next={bank.transfersEmptyNext} />}
          />
        </section>
      </div>
    </>
  );
}

function Reverse({ of: { id, status: outcome } }: { of: Transfer }): VNode | null {
  const { bank } = words.value;
  if (outcome !== 'credited') return null;
  async function reverse(): Promise<void> {
    await call('POST /transfers/:id/reverse', { params: { id }, body: {} });
    say('good', bank.reversed);
  }
  return <ActionButton kind="quiet" small icon={Undo2} label={bank.reverse} act={reverse} />;
}
