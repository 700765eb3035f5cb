import type { VNode } from 'preact';
import type { Notice, Page, Payment, RequestEntry, Status } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { any, isType, touches } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { count, money } from '../lib/format.ts';
import { type Loaded, useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { status } from '../lib/sandbox.ts';
import { Button } from '../ui/button.tsx';
import { Heading, Panel, Showing } from '../ui/panel.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Activity } from './activity.tsx';
import { Connect } from './connect.tsx';
import { FirstSteps } from './first-steps.tsx';
import { paymentColumns } from './payments.tsx';
import { requestColumns } from './requests.tsx';
import { noticeColumns } from './webhooks.tsx';

const SOME = 6;

export function OverviewView(): VNode {
  const { overview } = words.value;
  const known = status.value;
  if (known === undefined) return <Heading title={overview.title} />;
  const { payments, customers, transfers } = known.counts;
  const fresh = payments === 0 && customers === 0;
  return (
    <>
      <Heading
        title={fresh ? overview.emptyTitle : overview.title}
        lead={fresh ? overview.emptyLead : undefined}
      />
      {!fresh && <Figures known={known} />}
      {transfers === 0 && <FirstSteps known={known} />}
      {!fresh && <Recent />}
      {transfers > 0 && <Connect known={known} />}
    </>
  );
}

function Figures({ known }: { known: Status }): VNode {
  const { overview, nav } = words.value;
  const number = (value: number): string => count(value, language.value);
  // of these only the newest are known
  const kept = (value: number): string => `${number(value)}${value >= known.limits.history ? '+' : ''}`;
  const tiles: readonly (readonly [string, string, string])[] = [
    [overview.received, money(known.total), to(['bank'])],
    [nav.payments, number(known.counts.payments), to(['payments'])],
    [nav.customers, number(known.counts.customers), to(['customers'])],
    [nav.webhooks, kept(known.counts.notices), to(['webhooks'])],
    [nav.requests, kept(known.counts.requests), to(['requests'])],
  ];
  return (
    <section aria-label={overview.figures} class="tiles">
      {tiles.map(([label, value, href]) => (
        <a key={href} class="tile" href={href}>
          <span class="summary-label">{label}</span>
          <span class="figure num">{value}</span>
        </a>
      ))}
    </section>
  );
}

function Recent(): VNode {
  const { overview, payments, webhooks, requests, bank } = words.value;
  const waiting = useLoaded('waiting', readWaiting, touches('payment'));
  const notices = useLoaded(
    'notices',
    (signal) => read(signal, 'GET /notices', { query: { limit: SOME } }),
    isType('notice'),
  );
  const calls = useLoaded(
    'requests',
    (signal) => read(signal, 'GET /requests', { query: { limit: SOME } }),
    any(isType('request')),
  );
  return (
    <div class="split">
      <div class="stack">
        <Short<Payment>
          title={overview.waiting}
          of={waiting}
          caption={payments.caption}
          empty={overview.waitingEmpty}
          href={to(['payments'])}
          columns={paymentColumns().filter(({ room }) => room === undefined)}
          keyOf={({ userId, id }) => `${userId} ${id}`}
          action={
            <Button small onClick={() => openDialog({ type: 'transfer' })}>
              {bank.send}
            </Button>
          }
        />
        <Short<Notice>
          title={overview.lastWebhooks}
          of={notices}
          caption={webhooks.caption}
          empty={overview.webhooksEmpty}
          href={to(['webhooks'])}
          columns={noticeColumns().filter(({ room }) => room !== 'late')}
          keyOf={({ id }) => id}
        />
        <Short<RequestEntry>
          title={overview.lastRequests}
          of={calls}
          caption={requests.caption}
          empty={overview.requestsEmpty}
          href={to(['requests'])}
          columns={requestColumns().filter(({ room }) => room === undefined)}
          keyOf={({ id }) => id}
        />
      </div>
      <Activity />
    </div>
  );
}

/** Those that nobody has paid yet, and those that lack a part. */
async function readWaiting(signal: AbortSignal): Promise<Page<Payment>> {
  const pages = await Promise.all(
    (['PENDING', 'UNDERPAID'] as const).map((status) =>
      read(signal, 'GET /payments', { query: { limit: SOME, status } }),
    ),
  );
  const items = pages
    .flatMap((page) => page.items)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, SOME);
  return { items, total: pages.reduce((sum, { total }) => sum + total, 0) };
}

function Short<T>(given: {
  title: string;
  of: Loaded<Page<T>>;
  caption: string;
  empty: string;
  href: string;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  action?: VNode;
}): VNode {
  const { overview } = words.value;
  return (
    <Panel
      title={given.title}
      actions={
        <>
          {given.action}
          <a href={given.href} aria-label={`${overview.seeAll}: ${given.title}`}>
            {overview.seeAll}
          </a>
        </>
      }
    >
      <Showing of={given.of}>
        {(page) =>
          page.items.length === 0 ? (
            <p class="hint">{given.empty}</p>
          ) : (
            <Table caption={given.caption} columns={given.columns} rows={page.items} keyOf={given.keyOf} />
          )
        }
      </Showing>
    </Panel>
  );
}
