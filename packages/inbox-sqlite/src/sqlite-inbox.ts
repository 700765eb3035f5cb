import { TaloWebhookError } from '@talo/core';
import {
  type Backlog,
  type Credit,
  type CreditFilter,
  type DeadLetter,
  type DeliveryClaim,
  Fenced,
  type Hint,
  type HintClaim,
  type Inbox,
  type Remembered,
  type Unit,
} from '@talo/core/webhooks';
import { deadHints, replayHint } from './dead-hints.ts';
import * as outgoing from './due-deliveries.ts';
import * as hints from './hints.ts';
import { inboxError, loadSqlite } from './node-sqlite.ts';
import { openStore, type Store, type StoreHooks } from './open-store.ts';
import { type Resolved, resolveOptions, type SqliteInboxOptions } from './options.ts';
import * as outbox from './outbox.ts';
import * as upkeep from './queue-upkeep.ts';
import * as states from './state.ts';
import { runWrites, type SqliteTx } from './transaction.ts';

/** A put is answered within the 1.5 s that the engine waits. */
const PUT = { patienceMs: 1_200 };
/** Longer than applications hold a lock, shorter than a look's lease. */
export const PATIENT = { patienceMs: 30_000 };

/**
 * A durable inbox in two SQLite files: what was acknowledged survives the process and the machine, and an
 * application's own writes can share the transaction of a handler's done mark (`commitWith`).
 *
 * The files hold what Talo says of payers, names and CUITs among it: they are created readable by their owner alone.
 *
 * @throws TaloConfigError for options that cannot work, and on a Node without `node:sqlite`
 * @example
 * const webhooks = new TaloWebhooks({ client: talo, inbox: sqliteInbox({ path: './data/talo.db' }) });
 */
export function sqliteInbox(options: SqliteInboxOptions): Inbox<SqliteTx, 'sync'> {
  return createInbox(options);
}

/** For tests of this package: `hooks` see every connection. */
export function createInbox(options: SqliteInboxOptions, hooks: StoreHooks = {}): Inbox<SqliteTx, 'sync'> {
  return new SqliteInbox(resolveOptions(options), loadSqlite(), hooks);
}

class SqliteInbox implements Inbox<SqliteTx, 'sync'> {
  readonly name = 'SQLite';
  readonly durable: boolean;
  readonly transactions = 'sync';
  readonly #open: () => Promise<Store>;
  #opening: Promise<Store> | undefined;
  #store: Store | undefined;

  constructor(options: Resolved, sqlite: ReturnType<typeof loadSqlite>, hooks: StoreHooks) {
    this.durable = !options.memory;
    this.#open = () => openStore(options, sqlite, hooks);
  }

  async open(): Promise<void> {
    this.#opening ??= this.#open();
    try {
      this.#store = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    // one that is just being opened is not left behind
    const store = this.#store ?? (await this.#opening?.catch(() => undefined));
    this.#store = undefined;
    this.#opening = undefined;
    await store?.close();
  }

  async put(hint: Hint): Promise<'stored' | 'known' | 'coalesced'> {
    const { queue, stateFile } = this.#opened();
    return queue.write(
      (batch) => hints.putHint(batch, hint, (key, hash) => knows(stateFile, key, hash)),
      PUT,
    );
  }

  async watch(key: string, at: number): Promise<void> {
    const { queue, time } = this.#opened();
    await queue.write((batch) => hints.watchHint(batch, key, at, Math.min(at, time.now())), PATIENT);
  }

  async claim(limit: number, now: number, leaseMs: number): Promise<readonly HintClaim[]> {
    const { queue, queueFile, role, repairs, sees } = this.#opened();
    sees(now);
    const due = await queueFile.read(
      (session) => hints.hintsDue(session, now, !role.held),
      PATIENT.patienceMs,
    );
    if (limit <= 0 || (!due && !repairs.hints) || (await role.ensure(now)) === undefined) return [];
    const claims = await queue.write((batch) => {
      if (!role.confirm(batch)) return [];
      if (repairs.hints) upkeep.repairHints(batch, now);
      return hints.claimHints(batch, limit, { now, leaseMs, learnt: (before) => this.#learnt(before) });
    }, PATIENT);
    if (role.held) repairs.hints = false;
    return claims;
  }

  async complete(claim: HintClaim, notBefore: number, again?: number): Promise<void> {
    await this.#end(claim, (batch, ending) => hints.completeHint(batch, ending, notBefore, again));
  }

  async delay(claim: HintClaim, until: number, notBefore: number): Promise<void> {
    await this.#end(claim, (batch, ending) => hints.delayHint(batch, ending, until, notBefore));
  }

  async bury(claim: HintClaim, reason: string): Promise<void> {
    await this.#end(claim, (batch, ending) => hints.buryHint(batch, ending, reason));
  }

  async release(
    looks: readonly HintClaim[],
    deliveries: readonly DeliveryClaim[],
    now: number,
  ): Promise<void> {
    const { queue, state, learnt } = this.#opened();
    const given = [
      ...looks.map((claim) => {
        const unchanged = this.#learnt(claim) ?? null;
        return queue.write((batch) => hints.releaseHint(batch, { claim, unchanged, now }), PATIENT);
      }),
      ...deliveries.map((claim) =>
        state.write((batch) => outbox.releaseDelivery(batch, claim, now), PATIENT),
      ),
    ];
    for (const { key, token } of looks) if (learnt.get(key)?.token === token) learnt.delete(key);
    await Promise.all(given);
  }

  async state(key: string): Promise<string | undefined> {
    const { stateFile } = this.#opened();
    return stateFile.read((session) => states.findState(session, key), PATIENT.patienceMs);
  }

  async commit(unit: Unit): Promise<void> {
    const { state, queueFile, role, learnt } = this.#opened();
    const { claim, events, credits, now } = unit;
    const epoch = await role.ensure(now);
    if (epoch === undefined) throw new Fenced(claim.key);
    await state.write((batch) => {
      // within one process a look has one claim at a time, and of all processes the epoch admits one
      if (!holds(queueFile, claim)) throw new Fenced(claim.key);
      if (!states.isEpoch(batch, epoch)) {
        role.lost();
        throw new Fenced(claim.key);
      }
      states.commitUnit(batch, unit);
    }, PATIENT);
    const news = events.length > 0 || credits.length > 0;
    learnt.set(claim.key, {
      token: claim.token,
      unchanged: news ? 0 : (this.#learnt(claim) ?? claim.unchanged) + 1,
    });
  }

  async recall(key: string): Promise<string | undefined> {
    const { stateFile } = this.#opened();
    return stateFile.read((session) => states.recall(session, key), PATIENT.patienceMs);
  }

  async recallAll(prefix: string, limit: number, after?: string): Promise<readonly Remembered[]> {
    const { stateFile } = this.#opened();
    return stateFile.read((session) => states.recallAll(session, prefix, limit, after), PATIENT.patienceMs);
  }

  async remember(entries: readonly Remembered[]): Promise<void> {
    const { state } = this.#opened();
    if (entries.length > 0) await state.write((batch) => states.remember(batch, entries), PATIENT);
  }

  async credits(filter: CreditFilter): Promise<readonly Credit[]> {
    const { stateFile } = this.#opened();
    return stateFile.read((session) => states.findCredits(session, filter), PATIENT.patienceMs);
  }

  async claimDeliveries(
    limit: number,
    now: number,
    leaseMs: number,
    except?: ReadonlySet<string>,
  ): Promise<readonly DeliveryClaim[]> {
    const { state, stateFile, role, repairs, sees } = this.#opened();
    sees(now);
    const asked = { now, except };
    const due = await stateFile.read(
      (session) => outgoing.deliveriesDue(session, asked, !role.held),
      PATIENT.patienceMs,
    );
    if (limit <= 0 || (!due && !repairs.deliveries)) return [];
    const epoch = await role.ensure(now);
    if (epoch === undefined) return [];
    const claims = await state.write((batch) => {
      if (!states.isEpoch(batch, epoch)) {
        role.lost();
        return [];
      }
      if (repairs.deliveries) outbox.repairDeliveries(batch, now);
      return outgoing.claimDeliveries(batch, limit, leaseMs, asked);
    }, PATIENT);
    if (role.held) repairs.deliveries = false;
    return claims;
  }

  async finish(claim: DeliveryClaim, writes: readonly ((tx: SqliteTx) => unknown)[]): Promise<void> {
    const { state, time } = this.#opened();
    const alone = writes.length > 0;
    await state.write(
      (batch) => {
        const row = outbox.leasedDelivery(batch, claim);
        runWrites(batch.session, writes);
        outbox.removeDelivery(batch, row, time.last);
      },
      { ...PATIENT, alone },
    );
  }

  async retry(claim: DeliveryClaim, until: number): Promise<void> {
    const { state, time } = this.#opened();
    await state.write((batch) => outbox.retryDelivery(batch, claim, until, time.last), PATIENT);
  }

  async park(claim: DeliveryClaim, reason: string): Promise<void> {
    const { state, time } = this.#opened();
    await state.write((batch) => outbox.parkDelivery(batch, claim, reason, time.last), PATIENT);
  }

  async dead(): Promise<readonly DeadLetter[]> {
    const { queueFile, stateFile } = this.#opened();
    return [
      ...(await queueFile.read(deadHints, PATIENT.patienceMs)),
      ...(await stateFile.read(outbox.deadDeliveries, PATIENT.patienceMs)),
    ];
  }

  async replay(id: string, now: number, handlers: readonly string[]): Promise<boolean> {
    const { queue, state } = this.#opened();
    if (await queue.write((batch) => replayHint(batch, id, now), PATIENT)) return true;
    return state.write((batch) => outbox.replayDelivery(batch, id, now, handlers), PATIENT);
  }

  async backlog(): Promise<Backlog> {
    const { queueFile, stateFile, role, time } = this.#opened();
    const [queued, others] = await queueFile.read(
      (session) => [upkeep.countHints(session), role.othersUntil(session, time.now())] as const,
      PATIENT.patienceMs,
    );
    const leaving = await stateFile.read(outgoing.countDeliveries, PATIENT.patienceMs);
    const due = [queued.nextAt, leaving.nextAt].flatMap((at) => at ?? []);
    // while another process works there is nothing to do here before its lease may end
    const nextAt =
      due.length > 0 ? Math.max(Math.min(...due), others ?? Number.NEGATIVE_INFINITY) : undefined;
    return {
      hints: queued.waiting,
      deliveries: leaving.waiting,
      running: queued.running + leaving.running,
      dead: queued.dead + leaving.dead,
      oldest: queued.oldest,
      ...(leaving.oldestEvent !== undefined && { oldestEvent: leaving.oldestEvent }),
      nextAt,
    };
  }

  async #end(
    claim: HintClaim,
    end: (batch: Parameters<typeof hints.completeHint>[0], ending: hints.Ending) => void,
  ): Promise<void> {
    const { queue, learnt, time } = this.#opened();
    const unchanged = this.#learnt(claim) ?? null;
    try {
      await queue.write((batch) => end(batch, { claim, unchanged, now: time.last }), PATIENT);
    } finally {
      if (learnt.get(claim.key)?.token === claim.token) learnt.delete(claim.key);
    }
  }

  /** What commits under this claim said of `unchanged`. */
  #learnt({ key, token }: Pick<HintClaim, 'key' | 'token'>): number | undefined {
    const last = this.#opened().learnt.get(key);
    return last?.token === token ? last.unchanged : undefined;
  }

  #opened(): Store {
    if (this.#store === undefined) throw new TaloWebhookError('closed', 'The inbox is not open.');
    return this.#store;
  }
}

/** A state file that cannot be read now says nothing of a hint: then it is one for a stranger. */
function knows(stateFile: Store['stateFile'], key: string, hash: number): boolean {
  try {
    return states.isKnown(stateFile.session(), key, hash);
  } catch {
    return false;
  }
}

function holds(queueFile: Store['queueFile'], claim: HintClaim): boolean {
  try {
    return hints.isHeld(queueFile.session(), claim);
  } catch (error) {
    // not the state file's failure, whose transaction this is in
    throw inboxError(error, 'read its queue');
  }
}
