import { Plus, ReceiptText } from 'lucide';
import type { VNode } from 'preact';
import type { Payment, PaymentStatus } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { touches } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { money, shorten } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { place } from '../lib/router.ts';
import { Button } from '../ui/button.tsx';
import { StatusChip } from '../ui/chip.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Empty, Heading } from '../ui/panel.tsx';
import { placeOf } from '../ui/resource-link.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { AddressFilter, List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';

export const PAYMENT_STATUSES: readonly PaymentStatus[] = [
  'PENDING',
  'SUCCESS',
  'OVERPAID',
  'UNDERPAID',
  'EXPIRED',
  'REJECTED',
  'CANCELLED',
  'UNDER_REVIEW',
  'REFUNDED',
];

export function PaymentsView(): VNode {
  const dictionary = words.value;
  const { payments, top } = dictionary;
  const { status } = place.value.query;
  const query = { ...listQuery(), ...(status !== undefined && { status }) };
  const list = useLoaded(
    askedKey(),
    (signal) => read(signal, 'GET /payments', { query }),
    touches('payment'),
  );
  const create = (
    <Button kind="primary" icon={Plus} onClick={() => openDialog({ type: 'payment' })}>
      {top.payment}
    </Button>
  );
  return (
    <>
      <Heading title={payments.title} lead={payments.lead} />
      <List
        of={list}
        caption={payments.caption}
        hint={payments.searchHint}
        columns={paymentColumns()}
        keyOf={({ userId, id }) => `${userId} ${id}`}
        filters={
          <AddressFilter
            name="status"
            label={payments.filter}
            choices={PAYMENT_STATUSES.map((value) => ({ value, text: statusWord(dictionary, value) }))}
          />
        }
        empty={
          <Empty icon={ReceiptText} title={payments.empty} next={payments.emptyNext}>
            {create}
          </Empty>
        }
      />
    </>
  );
}

export function paymentColumns(): readonly Column<Payment>[] {
  const { field } = words.value;
  return [
    {
      name: field.externalId,
      head: true,
      cell: (payment) => (
        <a href={placeOf(payment)} class="breaks" title={payment.id}>
          {shorten(payment.externalId, 28)}
        </a>
      ),
    },
    { name: field.status, cell: ({ status }) => <StatusChip status={status} /> },
    { name: field.price, number: true, cell: ({ price }) => money(price) },
    { name: field.received, number: true, room: 'wide', cell: ({ received }) => money(received) },
    {
      name: field.alias,
      room: 'mid',
      cell: ({ alias }) => (
        <span class="copyable">
          <code>{alias}</code>
          <CopyButton text={alias} what={alias} />
        </span>
      ),
    },
    { name: field.expires, room: 'late', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
    { name: field.created, room: 'late', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}
