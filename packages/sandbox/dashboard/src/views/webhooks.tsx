import { FlaskConical, Shuffle, Undo2, Webhook } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AttemptOutcome, Notice, Reorder } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { isType } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { useLoaded } from '../lib/load.ts';
import { place, to } from '../lib/router.ts';
import { tellSent } from '../lib/sent.ts';
import { ActionButton, Button } from '../ui/button.tsx';
import { Chip, StatusChip } from '../ui/chip.tsx';
import { LimitBar } from '../ui/limit-bar.tsx';
import { Empty, Heading } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { AddressFilter, List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';

const OUTCOMES: readonly (AttemptOutcome | 'pending')[] = [
  'delivered',
  'rejected',
  'timeout',
  'failed',
  'refused',
  'dropped',
  'pending',
];

export function WebhooksView(): VNode {
  const dictionary = words.value;
  const { webhooks } = dictionary;
  const { outcome } = place.value.query;
  const query = { ...listQuery(), ...(outcome !== undefined && { outcome }) };
  const list = useLoaded(askedKey(), (signal) => read(signal, 'GET /notices', { query }), isType('notice'));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const shown = list.data?.items.map(({ id }) => id) ?? [];
  const all = shown.length > 0 && shown.every((id) => chosen.has(id));
  const select: Column<Notice> = {
    name: 'select',
    heading: (
      <input
        type="checkbox"
        aria-label={webhooks.selectAll}
        checked={all}
        disabled={shown.length === 0}
        onChange={(event) => setChosen(new Set(event.currentTarget.checked ? shown : []))}
      />
    ),
    cell: ({ id }) => (
      <input
        type="checkbox"
        aria-label={webhooks.select(id)}
        checked={chosen.has(id)}
        onChange={(event) => toggle(id, event.currentTarget.checked)}
      />
    ),
  };
  return (
    <>
      <Heading title={webhooks.title} lead={webhooks.lead}>
        <Button icon={FlaskConical} onClick={() => openDialog({ type: 'forge' })}>
          {webhooks.forge}
        </Button>
      </Heading>
      {chosen.size > 0 && <Chosen ids={[...chosen]} onDone={() => setChosen(new Set())} />}
      <List
        of={list}
        caption={webhooks.caption}
        hint={webhooks.searchHint}
        columns={[select, ...noticeColumns()]}
        keyOf={({ id }) => id}
        filters={
          <AddressFilter
            name="outcome"
            label={webhooks.filter}
            choices={OUTCOMES.map((value) => ({ value, text: statusWord(dictionary, value) }))}
          />
        }
        empty={
          <Empty icon={Webhook} title={webhooks.empty} next={webhooks.emptyNext}>
            <Button onClick={() => openDialog({ type: 'transfer' })}>{words.value.bank.send}</Button>
          </Empty>
        }
      />
    </>
  );
}

function Chosen({ ids, onDone }: { ids: string[]; onDone: () => void }): VNode {
  const { webhooks, clear } = words.value;
  async function send(order: NonNullable<Reorder['order']>): Promise<void> {
    const { notices } = await call('POST /notices/reorder', { body: { ids, order } });
    await tellSent(notices);
    onDone();
  }
  return (
    <section class="chosen" aria-label={webhooks.selected(ids.length)}>
      <strong>{webhooks.selected(ids.length)}</strong>
      <ActionButton small icon={Shuffle} act={() => send('shuffled')}>
        {webhooks.reorder}
      </ActionButton>
      <ActionButton small icon={Undo2} act={() => send('reversed')}>
        {webhooks.reversed}
      </ActionButton>
      <Button small kind="quiet" onClick={onDone}>
        {clear}
      </Button>
    </section>
  );
}

export function noticeColumns(): readonly Column<Notice>[] {
  const { field, webhooks } = words.value;
  return [
    {
      name: field.at,
      head: true,
      cell: ({ id, createdAt }) => (
        <a href={to(['webhooks', id])}>
          <Time at={createdAt} />
        </a>
      ),
    },
    { name: field.resource, cell: ({ resource }) => <ResourceLink of={resource} /> },
    {
      name: field.result,
      cell: ({ outcome, origin }) => (
        <>
          <StatusChip status={outcome} />{' '}
          {origin !== 'talo' && <Chip tone="calm">{webhooks.origin[origin]}</Chip>}
        </>
      ),
    },
    {
      name: field.answer,
      room: 'wide',
      cell: ({ attempts }) => {
        const last = attempts.at(-1);
        return last === undefined || last.outcome === 'refused' || last.outcome === 'dropped' ? (
          <span class="faint">–</span>
        ) : (
          <span class="answer">
            <span class="num">{last.status ?? '–'}</span>
            <LimitBar ms={last.durationMs} late={last.outcome === 'timeout'} />
          </span>
        );
      },
    },
    { name: field.attempts, number: true, room: 'late', cell: ({ attempts }) => attempts.length },
    {
      name: field.target,
      room: 'late',
      cell: ({ target }) => (
        <code class="clip" title={target}>
          {target}
        </code>
      ),
    },
  ];
}
