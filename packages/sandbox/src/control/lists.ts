import { toDecimal } from '@talo/core';
import type { Engine } from '../engine.ts';
import type * as contract from './contract.ts';
import type { Page } from './contract.ts';
import { notFound } from './problem.ts';
import type { ListQuery } from './schemas.ts';
import * as views from './views.ts';

/** How a list is read: which records, newest first; what is searched in them; how they show. */
interface List<R, V> {
  readonly records: readonly R[];
  readonly key: (record: R) => string;
  /** Everything that a search looks through. */
  readonly words: (record: R) => readonly (string | undefined)[];
  readonly keep?: (record: R) => boolean;
  readonly view: (record: R) => V;
}

function page<R, V>(list: List<R, V>, { q, limit = 50, cursor }: ListQuery): Page<V> {
  const wanted = q?.trim().toLowerCase();
  const met = list.records.filter(
    (record) =>
      (list.keep?.(record) ?? true) &&
      (!wanted || list.words(record).some((word) => word?.toLowerCase().includes(wanted))),
  );
  let start = 0;
  if (cursor !== undefined) {
    const after = Buffer.from(cursor, 'base64url').toString();
    start = met.findIndex((record) => list.key(record) === after) + 1;
    if (start === 0) throw notFound('such place in this list any more: begin without cursor');
  }
  const shown = met.slice(start, start + limit);
  const last = shown.at(-1);
  const more = start + limit < met.length && last !== undefined;
  return {
    items: shown.map(list.view),
    total: met.length,
    ...(more && { next: Buffer.from(list.key(last)).toString('base64url') }),
  };
}

/** Equal, or not asked for. */
function is(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

export function listMerchants(
  engine: Engine,
  query: ListQuery & { status?: string | undefined },
): Page<contract.Merchant> {
  const counts = views.countByUser(engine.world.state);
  return page(
    {
      records: [...engine.world.state.merchants.values()],
      key: ({ userId }) => userId,
      words: ({ userId, holder, aliasPrefix, referredUserId, clientId }) => [
        userId,
        holder.name,
        holder.cuit,
        aliasPrefix,
        referredUserId,
        clientId,
      ],
      keep: ({ status }) => is(query.status, status),
      view: (merchant) =>
        views.viewMerchant(merchant, counts.get(merchant.userId) ?? { payments: 0, customers: 0 }),
    },
    query,
  );
}

export function listPayments(
  engine: Engine,
  query: ListQuery & { status?: string | undefined; userId?: string | undefined },
): Page<contract.Payment> {
  return page(
    {
      records: [...engine.world.state.payments.values()].reverse(),
      key: ({ userId, id }) => `${userId}\n${id}`,
      words: ({ id, externalId, cvu, alias, motive, price, status }) => [
        id,
        externalId,
        cvu,
        alias,
        motive,
        toDecimal(price),
        status,
      ],
      keep: ({ status, userId }) => is(query.status, status) && is(query.userId, userId),
      view: (payment) => views.viewPaymentRow(engine, payment),
    },
    query,
  );
}

export function listCustomers(
  engine: Engine,
  query: ListQuery & { userId?: string | undefined },
): Page<contract.Customer> {
  return page(
    {
      records: [...engine.world.state.customers.values()].reverse(),
      key: ({ userId, customerId }) => `${userId}\n${customerId}`,
      words: ({ customerId, name, email, cvu, alias }) => [customerId, name, email, cvu, alias],
      keep: ({ userId }) => is(query.userId, userId),
      view: (customer) => views.viewCustomerRow(engine, customer),
    },
    query,
  );
}

export function listAccounts(
  engine: Engine,
  query: ListQuery & { userId?: string | undefined },
): Page<contract.BankAccount> {
  return page(
    {
      records: [...engine.world.state.destinations].reverse(),
      key: ([cvu]) => cvu,
      words: ([cvu, { alias, id }]) => [cvu, alias, id],
      keep: ([, { userId }]) => is(query.userId, userId),
      view: ([cvu, destination]) => views.viewAccount(engine, cvu, destination),
    },
    query,
  );
}

export function listTransfers(
  engine: Engine,
  query: ListQuery & { userId?: string | undefined; cvu?: string | undefined },
): Page<contract.Transfer> {
  const { destinations, transfers } = engine.world.state;
  return page(
    {
      records: transfers.toReversed(),
      key: ({ id }) => id,
      words: ({ id, cvu, from, amount, status }) => {
        const destination = destinations.get(cvu);
        return [
          id,
          cvu,
          from.name,
          from.cuit,
          toDecimal(amount),
          status,
          destination?.alias,
          destination?.id,
        ];
      },
      keep: ({ cvu }) =>
        is(query.cvu, cvu) && (query.userId === undefined || destinations.get(cvu)?.userId === query.userId),
      view: (transfer) => views.viewTransfer(engine, transfer),
    },
    query,
  );
}

export function listNotices(
  engine: Engine,
  query: ListQuery & {
    outcome?: string | undefined;
    userId?: string | undefined;
    resource?: string | undefined;
  },
): Page<contract.Notice> {
  return page(
    {
      records: engine.history.notices.list().toReversed(),
      key: ({ id }) => id,
      words: ({ id, url, body, attempts }) => [id, url, body, attempts.at(-1)?.reason],
      keep: ({ attempts, about }) =>
        is(query.outcome, attempts.at(-1)?.outcome ?? 'pending') &&
        (query.userId === undefined || about?.userId === query.userId) &&
        (query.resource === undefined ||
          (about !== undefined && 'id' in about && about.id === query.resource)),
      view: views.viewNotice,
    },
    query,
  );
}

export function listRequests(
  engine: Engine,
  query: ListQuery & {
    method?: string | undefined;
    status?: number | undefined;
    resource?: string | undefined;
    fault?: boolean | undefined;
  },
): Page<contract.RequestEntry> {
  return page(
    {
      records: engine.history.exchanges.list().toReversed(),
      key: ({ entry }) => entry.id,
      words: ({ entry, target, requestBody }) => [
        entry.id,
        `${entry.method} ${target}`,
        entry.status === undefined ? undefined : String(entry.status),
        requestBody,
      ],
      keep: ({ entry, about, fault }) =>
        is(query.method?.toUpperCase(), entry.method) &&
        (query.status === undefined || entry.status === query.status) &&
        (query.fault === undefined || query.fault === (fault !== undefined)) &&
        (query.resource === undefined ||
          (about !== undefined && 'id' in about && about.id === query.resource)),
      view: views.viewRequest,
    },
    query,
  );
}
