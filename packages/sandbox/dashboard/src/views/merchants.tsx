import { Plus, Store } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AccountStatus, Merchant } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { any, changes, touches } from '../lib/concerns.ts';
import { count, money } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { go, place, to } from '../lib/router.ts';
import { say } from '../lib/toasts.ts';
import { Button } from '../ui/button.tsx';
import { Chip, StatusChip } from '../ui/chip.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Form, TextField } from '../ui/form.tsx';
import { Empty, Heading } from '../ui/panel.tsx';
import type { Column } from '../ui/table.tsx';
import { AddressFilter, List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';

const STATUSES: readonly AccountStatus[] = ['ACTIVE', 'PENDING', 'REJECTED', 'SUSPENDED'];

export function MerchantsView(): VNode {
  const dictionary = words.value;
  const { merchants } = dictionary;
  const [adding, setAdding] = useState(false);
  const { status } = place.value.query;
  const query = { ...listQuery(), ...(status !== undefined && { status }) };
  const list = useLoaded(
    askedKey(),
    (signal) => read(signal, 'GET /merchants', { query }),
    any(changes('merchants'), touches('merchant')),
  );
  return (
    <>
      <Heading title={merchants.title} lead={merchants.lead}>
        <Button icon={Plus} onClick={() => setAdding(true)}>
          {merchants.new}
        </Button>
      </Heading>
      <List
        of={list}
        caption={merchants.caption}
        hint={merchants.searchHint}
        columns={merchantColumns()}
        keyOf={({ userId }) => userId}
        filters={
          <AddressFilter
            name="status"
            label={merchants.filter}
            choices={STATUSES.map((value) => ({ value, text: statusWord(dictionary, value) }))}
          />
        }
        empty={<Empty icon={Store} title={merchants.empty} next={merchants.emptyNext} />}
      />
      {adding && (
        <Dialog title={merchants.new} hint={merchants.emptyNext} onClose={() => setAdding(false)}>
          <NewMerchant onClose={() => setAdding(false)} />
        </Dialog>
      )}
    </>
  );
}

export function merchantColumns(): readonly Column<Merchant>[] {
  const { field, merchants } = words.value;
  return [
    {
      name: field.name,
      head: true,
      cell: ({ userId, name, ofPartner }) => (
        <>
          <a href={to(['merchants', userId])} class="breaks">
            {name}
          </a>{' '}
          {ofPartner && <Chip tone="calm">{merchants.ofPartner}</Chip>}
        </>
      ),
    },
    {
      name: field.status,
      cell: ({ status, revoked }) => (
        <>
          <StatusChip status={status} /> {revoked && <StatusChip status="revoked" />}
        </>
      ),
    },
    { name: field.prefix, room: 'mid', cell: ({ aliasPrefix }) => <code>{aliasPrefix}</code> },
    {
      name: field.payments,
      number: true,
      room: 'wide',
      cell: ({ payments }) => count(payments, language.value),
    },
    {
      name: field.customers,
      number: true,
      room: 'wide',
      cell: ({ customers }) => count(customers, language.value),
    },
    { name: field.balance, number: true, cell: ({ balance }) => money(balance) },
    { name: field.user, room: 'late', cell: ({ userId }) => <code class="clip">{userId}</code> },
  ];
}

function NewMerchant({ onClose }: { onClose: () => void }): VNode {
  const { merchants, field } = words.value;
  const [name, setName] = useState('');
  const [aliasPrefix, setPrefix] = useState('');
  const [tolerance, setTolerance] = useState('0');
  const [hours, setHours] = useState('30');
  async function add(): Promise<void> {
    const merchant = await call('POST /merchants', {
      body: {
        transferTolerance: Number(tolerance),
        cancellationPeriod: Number(hours),
        ...(name !== '' && { name }),
        ...(aliasPrefix !== '' && { aliasPrefix }),
      },
    });
    onClose();
    say('good', merchants.created(merchant.name));
    go(to(['merchants', merchant.userId]));
  }
  return (
    <Form submit={merchants.create} onSubmit={add} onCancel={onClose}>
      <TextField label={field.name} optional value={name} onChange={setName} focus />
      <TextField label={field.prefix} optional value={aliasPrefix} onChange={setPrefix} mono />
      <div class="pair">
        <TextField
          label={field.cancellation}
          type="number"
          min={1}
          max={200}
          value={hours}
          onChange={setHours}
        />
        <TextField
          label={field.tolerance}
          type="number"
          min={0}
          max={10_000}
          value={tolerance}
          onChange={setTolerance}
        />
      </div>
    </Form>
  );
}
