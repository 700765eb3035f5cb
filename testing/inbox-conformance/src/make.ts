import assert from 'node:assert/strict';
import type { Credit, DeliveryClaim, Hint, HintClaim, Inbox, StoredEvent, Unit } from '@talo/core/webhooks';
import type { ConformanceCase, InboxUnderTest, TransactionProbe } from './under-test.ts';

/** Any moment will do: inboxes are told the time and never ask for it. */
export const T0 = Date.UTC(2026, 0, 1);
export const LEASE = 60_000;

export interface Subject extends Omit<InboxUnderTest, 'inbox' | 'dispose'> {
  readonly inbox: Inbox;
}

/** Makes a case: opens, runs, closes and disposes. */
export function conforms(name: string, body: (subject: Subject) => Promise<void>): ConformanceCase {
  return {
    name,
    async run(make) {
      const { dispose, ...subject } = await make();
      try {
        await subject.inbox.open();
        await body(subject);
        await subject.inbox.close();
      } finally {
        await dispose?.();
      }
    },
  };
}

export function conformsIfDurable(
  name: string,
  body: (subject: Subject, again: () => Promise<Inbox>) => Promise<void>,
): ConformanceCase {
  return {
    name,
    needs: 'durable',
    async run(make) {
      const { dispose, ...subject } = await make();
      const opened: Inbox[] = [];
      try {
        if (!subject.inbox.durable) return;
        const { reopen } = subject;
        if (reopen === undefined) assert.fail('A durable inbox needs `reopen` to be tested.');
        await subject.inbox.open();
        opened.push(subject.inbox);
        await body(subject, async () => {
          await opened.pop()?.close();
          const inbox = await reopen();
          await inbox.open();
          opened.push(inbox);
          return inbox;
        });
      } finally {
        for (const inbox of opened) await inbox.close();
        await dispose?.();
      }
    },
  };
}

export function conformsIfTransactional(
  name: string,
  body: (subject: Subject & { readonly probe: TransactionProbe }) => Promise<void>,
): ConformanceCase {
  const { run } = conforms(name, async (subject) => {
    if (subject.inbox.transactions === undefined) return;
    const { probe } = subject;
    if (probe === undefined) assert.fail('An inbox with transactions needs `probe` to be tested.');
    await body({ ...subject, probe });
  });
  return { name, needs: 'transactions', run };
}

/** A key as the engine makes it: environment, account, kind, ids. */
export function keyFor(id: string, account = 'account-1'): string {
  return JSON.stringify(['production', account, 'payment', id]);
}

export function hintFor(key: string, fields: Partial<Hint> = {}): Hint {
  return { key, authenticated: true, origin: 'webhook', at: T0, ...fields };
}

export function eventFor(id: string, key: string, fields: Partial<StoredEvent> = {}): StoredEvent {
  return { id, type: 'payment.paid', key, payload: JSON.stringify({ id }), handlers: ['ship'], ...fields };
}

export function creditFor(key: string, fields: Partial<Credit> = {}): Credit {
  return {
    key,
    kind: 'credit',
    environment: 'production',
    accountId: 'account-1',
    paymentId: 'p1',
    transactionId: 't1',
    gross: { currency: 'ARS', centavos: 1_500_000 },
    at: T0,
    ...fields,
  };
}

export function unitFor(claim: HintClaim, fields: Partial<Unit> = {}): Unit {
  return { claim, state: '{"status":"SUCCESS"}', credits: [], events: [], now: T0, ...fields };
}

/** The one hint that is due. */
export async function claimOne(inbox: Inbox, now = T0, lease = LEASE): Promise<HintClaim> {
  const claims = await inbox.claim(10, now, lease);
  assert.equal(claims.length, 1, `one hint should be due at +${now - T0} ms, claimed ${claims.length}`);
  return claims[0] as HintClaim;
}

export async function claimNone(inbox: Inbox, now: number, why: string): Promise<void> {
  assert.deepEqual(await inbox.claim(10, now, LEASE), [], why);
}

/** The one delivery that is due. */
export async function deliveryOf(inbox: Inbox, now = T0, lease = LEASE): Promise<DeliveryClaim> {
  const claims = await inbox.claimDeliveries(10, now, lease);
  assert.equal(claims.length, 1, `one delivery should be due at +${now - T0} ms, claimed ${claims.length}`);
  return claims[0] as DeliveryClaim;
}

/** Puts, claims and commits in one go; the claim is left open. */
export async function commitFor(
  inbox: Inbox,
  key: string,
  fields: Partial<Unit> = {},
  now = T0,
): Promise<HintClaim> {
  await inbox.put(hintFor(key, { at: now }));
  const claim = (await inbox.claim(10, now, LEASE)).find((candidate) => candidate.key === key);
  if (claim === undefined) assert.fail(`${key} should be due at +${now - T0} ms`);
  await inbox.commit(unitFor(claim, { now, ...fields }));
  return claim;
}

/** Whatever is done under a lease that another worker has now is refused with Fenced. */
export async function refused(work: Promise<unknown>, what: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, `${what} under a lost lease must be refused, and was not`);
  // by name: there may be two copies of @talo/core
  assert.equal(error.name, 'Fenced', `${what} under a lost lease must be refused with Fenced: ${error}`);
}
