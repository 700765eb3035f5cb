import { Plus, Users } from 'lucide';
import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { touches } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { money, shorten } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Empty, Heading } from '../ui/panel.tsx';
import { placeOf } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';
import { List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';

export function CustomersView(): VNode {
  const { customers, field } = words.value;
  const query = listQuery();
  const list = useLoaded(
    askedKey(),
    (signal) => read(signal, 'GET /customers', { query }),
    touches('customer'),
  );
  const create = (kind: 'plain' | 'primary'): VNode => (
    <Button kind={kind} icon={Plus} onClick={() => openDialog({ type: 'customer' })}>
      {customers.new}
    </Button>
  );
  return (
    <>
      <Heading title={customers.title} lead={customers.lead}>
        {create('plain')}
      </Heading>
      <List
        of={list}
        caption={customers.caption}
        hint={customers.searchHint}
        keyOf={({ userId, id }) => `${userId} ${id}`}
        columns={[
          {
            name: field.name,
            head: true,
            cell: (customer) => (
              <a href={placeOf(customer)} class="breaks">
                {customer.name || shorten(customer.id, 24)}
              </a>
            ),
          },
          { name: field.id, room: 'late', cell: ({ id }) => <code title={id}>{shorten(id, 20)}</code> },
          {
            name: field.alias,
            cell: ({ alias }) => (
              <span class="copyable">
                <code>{alias}</code>
                <CopyButton text={alias} what={alias} />
              </span>
            ),
          },
          { name: field.cvu, room: 'wide', cell: ({ cvu }) => <code>{cvu}</code> },
          { name: field.balance, number: true, cell: ({ balance }) => money(balance) },
          { name: field.created, room: 'late', cell: ({ createdAt }) => <Time at={createdAt} /> },
        ]}
        empty={
          <Empty icon={Users} title={customers.empty} next={customers.emptyNext}>
            {create('primary')}
          </Empty>
        }
      />
    </>
  );
}
