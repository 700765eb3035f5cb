import { TaloWebhookError } from '@talo/core';
import { Fenced, type Hint, type HintClaim, UNAUTHENTICATED_ROWS } from '@talo/core/webhooks';
import { addDeadHint } from './dead-hints.ts';
import { hashOf } from './hash.ts';
import { sweepHints } from './queue-upkeep.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

/** What a hint asks of us. */
const WAITS = 0;
/** Nothing until it is looked at again without any hint. */
const RESTS = 1;
/** Nothing; kept while the floor between two looks lasts. */
const SPENT = 2;

/** No floor is longer: one that is further away was set before the clock was set back. */
const LONGEST_FLOOR_MS = 60_000;

/** Spent rows removed by one claim, so that removing keeps pace with completing. */
const SWEPT = 64;

interface Row {
  readonly id: number;
  readonly key: string;
  readonly phase: number;
  readonly generation: number;
  readonly authenticated: number;
  /** While it waits: whether it holds one of the rows that strangers may take. */
  readonly stranger: number;
  readonly origin: Hint['origin'];
  readonly since: number;
  readonly attempts: number;
  readonly unchanged: number;
  readonly floor: number;
  readonly due_at: number;
  readonly token: number | null;
  readonly newer_at: number | null;
  readonly renewed: number;
}

const COLUMNS =
  'id, key, phase, generation, authenticated, stranger, origin, since, attempts, unchanged, floor, due_at, token, newer_at, renewed';
const FIND = `SELECT ${COLUMNS} FROM talo_hints WHERE hash = ? AND key = ?`;
const STORE = `INSERT INTO talo_hints
  (hash, key, phase, generation, authenticated, stranger, origin, since, attempts, unchanged, floor, due_at, set_at,
   renewed)
  VALUES (?, ?, ?, 1, ?, ?, ?, ?, 0, 0, 0, ?, ?, 0)`;
const BEGIN_ANEW = `UPDATE talo_hints SET phase = ?, generation = generation + 1, authenticated = ?, stranger = ?,
  origin = ?, since = ?, attempts = 0, floor = min(floor, ?), due_at = max(?, min(floor, ?)), set_at = max(set_at, ?) WHERE id = ?`;
const JOIN = `UPDATE talo_hints SET generation = generation + 1, authenticated = ?, stranger = ?, origin = ?, due_at = ?,
  set_at = max(set_at, ?) WHERE id = ?`;
const JOIN_LEASED = `UPDATE talo_hints SET generation = generation + 1, authenticated = ?, stranger = ?, origin = ?,
  newer_at = coalesce(newer_at, ?), renewed = max(renewed, ?) WHERE id = ?`;
const DUE = `SELECT ${COLUMNS} FROM talo_hints WHERE phase < 2 AND due_at <= ? ORDER BY due_at LIMIT ?`;
const LEASE = `UPDATE talo_hints SET phase = ${WAITS}, authenticated = ?, stranger = ?, origin = ?, since = ?, unchanged = ?,
  due_at = ?, set_at = ?, token = ?, newer_at = NULL, renewed = 0 WHERE id = ?`;
const RELEASE = `UPDATE talo_hints SET phase = ?, since = ?, attempts = ?, unchanged = coalesce(?, unchanged), floor = ?,
  due_at = ?, set_at = ?, token = NULL, newer_at = NULL, renewed = 0 WHERE id = ?`;
/**
 * Stores a hint or joins it to the one that waits.
 * @param isKnown whether a look has found the resource before; one that is watched counts as well
 */
export function putHint(
  batch: Batch,
  hint: Hint,
  isKnown: (key: string, hash: number) => boolean,
): 'stored' | 'known' | 'coalesced' {
  const { key, authenticated, origin, at, due = at } = hint;
  // once for all: it is much of what a put costs beside the disk
  const hash = hashOf(key);
  const row = find(batch, key, hash);
  if (row === undefined || row.phase !== WAITS) {
    // what is to be looked at anyway needs no protection from strangers who guess ids
    const known = row?.phase === RESTS || isKnown(key, hash);
    // nor may they keep it out by filling the rows that they have
    const stranger = !authenticated && !known;
    if (stranger) makeRoom(batch);
    const from = known ? at : Math.max(at, due);
    const times = { since: at, due: from, now: at };
    store(batch, { row, key, hash, phase: WAITS, authenticated, stranger, origin, ...times });
    batch.count('hints', 1);
    return known ? 'known' : 'stored';
  }
  const proven = authenticated || row.authenticated === 1;
  const stranger = proven ? 0 : row.stranger;
  if (stranger < row.stranger) batch.count('strangers', -1);
  // what Talo notified of is told as such, whoever else asked for the look
  const told = origin === 'webhook' ? origin : row.origin;
  if (row.token !== null) {
    batch.run(JOIN_LEASED, Number(proven), stranger, told, at, Number(authenticated), row.id);
  } else {
    // an authenticated hint calls a waiting one forward; none puts it off
    const from = due > at && isKnown(key, hash) ? at : Math.max(at, due);
    const sooner = Math.max(from, Math.min(row.floor, at + LONGEST_FLOOR_MS));
    const next = authenticated ? Math.min(row.due_at, sooner) : row.due_at;
    batch.run(JOIN, Number(proven), stranger, told, next, at, row.id);
  }
  return 'coalesced';
}

/** Has a key looked at at `at`, unless it waits already or is to be looked at earlier. */
export function watchHint(batch: Batch, key: string, at: number, now: number): void {
  const hash = hashOf(key);
  const row = find(batch, key, hash);
  if (row !== undefined && (row.phase === WAITS || (row.phase === RESTS && row.due_at <= at))) return;
  const asked = { authenticated: true, stranger: false, origin: 'reconcile' } as const;
  store(batch, { row, key, hash, phase: RESTS, ...asked, since: at, due: at, now });
}

function find(batch: Batch, key: string, hash = hashOf(key)): Row | undefined {
  return batch.get<Row>(FIND, hash, key);
}

/** A row of its own, or in place of one that waits no more: that one's floor and counts go on. */
function store(
  batch: Batch,
  fresh: {
    readonly row: Row | undefined;
    readonly key: string;
    readonly hash: number;
    readonly phase: number;
    readonly authenticated: boolean;
    readonly stranger: boolean;
    readonly origin: Hint['origin'];
    readonly since: number;
    readonly due: number;
    readonly now: number;
  },
): void {
  const { row, key, hash, phase, origin, since, due, now } = fresh;
  const [authenticated, stranger] = [Number(fresh.authenticated), Number(fresh.stranger)];
  const floor = now + LONGEST_FLOOR_MS;
  if (row !== undefined) {
    batch.run(BEGIN_ANEW, phase, authenticated, stranger, origin, since, floor, due, floor, now, row.id);
  } else batch.run(STORE, hash, key, phase, authenticated, stranger, origin, since, due, now);
}

function makeRoom(batch: Batch): void {
  if (batch.count('strangers', 0) >= UNAUTHENTICATED_ROWS) {
    throw new TaloWebhookError('full', 'The inbox takes no more unauthenticated hints.');
  }
  batch.count('strangers', 1);
}

/** Whether a claim would find anything. @param taking what is under way elsewhere counts too: it may be taken over */
export function hintsDue(session: Session, now: number, taking: boolean): boolean {
  if (taking && session.get('SELECT 1 FROM talo_hints WHERE token IS NOT NULL LIMIT 1') !== undefined)
    return true;
  return session.get('SELECT 1 FROM talo_hints WHERE phase < 2 AND due_at <= ? LIMIT 1', now) !== undefined;
}

/** @param learnt what commits since the last claim of a key said of `unchanged` */
export function claimHints(
  batch: Batch,
  limit: number,
  {
    now,
    leaseMs,
    learnt,
  }: {
    now: number;
    leaseMs: number;
    learnt: (claim: Pick<HintClaim, 'key' | 'token'>) => number | undefined;
  },
): HintClaim[] {
  sweepHints(batch, now, SWEPT);
  return batch.all<Row>(DUE, now, limit).map((row): HintClaim => {
    const rested = row.phase === RESTS;
    if (rested) batch.count('hints', 1);
    const { key, generation, attempts } = row;
    const authenticated = rested || row.authenticated === 1;
    const stranger = rested ? 0 : row.stranger;
    const origin = rested ? 'reconcile' : row.origin;
    const since = rested ? now : row.since;
    const unchanged = (row.token === null ? undefined : learnt({ key, token: row.token })) ?? row.unchanged;
    const token = batch.count('token', 1);
    batch.run(
      LEASE,
      Number(authenticated),
      stranger,
      origin,
      since,
      unchanged,
      now + leaseMs,
      now,
      token,
      row.id,
    );
    return { key, token, generation, authenticated, origin, since, attempts, unchanged };
  });
}

/** Whether a claim holds. */
export function hintsUnderWay(session: Session, now: number): boolean {
  return (
    session.get('SELECT 1 FROM talo_hints WHERE token IS NOT NULL AND due_at > ? LIMIT 1', now) !== undefined
  );
}

/** Whether nobody has claimed it since. */
export function isHeld(session: Session, { key, token }: HintClaim): boolean {
  return session.get<Row>(FIND, hashOf(key), key)?.token === token;
}

/** @throws Fenced if the claim has passed to another worker */
function leased(batch: Batch, claim: HintClaim): Row {
  const row = find(batch, claim.key);
  if (row === undefined || row.token !== claim.token) throw new Fenced(claim.key);
  return row;
}

/** The row waits no more. */
function settle(batch: Batch, row: Row): void {
  batch.count('hints', -1);
  if (row.stranger === 1) batch.count('strangers', -1);
}

export interface Ending {
  readonly claim: HintClaim;
  /** Looks in a row that found nothing new, the last one included; `null` as it is stored, if it committed nothing. */
  readonly unchanged: number | null;
  readonly now: number;
}

export function completeHint(
  batch: Batch,
  { claim, unchanged, now }: Ending,
  notBefore: number,
  again: number | undefined,
): void {
  const row = leased(batch, claim);
  const { newer_at: newer } = row;
  const phase = newer !== null ? WAITS : again === undefined ? SPENT : RESTS;
  if (phase !== WAITS) settle(batch, row);
  const due = phase === RESTS ? Math.max(again ?? 0, notBefore) : notBefore;
  batch.run(RELEASE, phase, newer ?? row.since, 0, unchanged, notBefore, due, now, row.id);
}

export function delayHint(
  batch: Batch,
  { claim, unchanged, now }: Ending,
  until: number,
  notBefore: number,
): void {
  const { id, since, renewed } = leased(batch, claim);
  const due = renewed === 1 ? notBefore : until;
  batch.run(RELEASE, WAITS, since, claim.attempts + 1, unchanged, notBefore, due, now, id);
}

export function buryHint(batch: Batch, { claim, unchanged, now }: Ending, reason: string): void {
  const row = leased(batch, claim);
  const { newer_at: newer, floor } = row;
  if (newer !== null) {
    // what came since has its own time
    batch.run(RELEASE, WAITS, newer, 0, unchanged, floor, Math.max(newer, floor), now, row.id);
    return;
  }
  settle(batch, row);
  batch.run('DELETE FROM talo_hints WHERE id = ?', row.id);
  addDeadHint(batch, claim, { reason, authenticated: row.authenticated, origin: row.origin, now });
}

/** Due again now, as before the claim, if that still holds. */
export function releaseHint(batch: Batch, { claim, unchanged, now }: Ending): void {
  const row = find(batch, claim.key);
  if (row === undefined || row.token !== claim.token) return;
  batch.run(RELEASE, WAITS, row.since, row.attempts, unchanged, row.floor, now, now, row.id);
}

/** Keeps what commits said of `unchanged` for whoever claims the key after this process. */
export function keepUnchanged(
  batch: Batch,
  { key, token }: Pick<HintClaim, 'key' | 'token'>,
  unchanged: number,
): void {
  batch.run(
    'UPDATE talo_hints SET unchanged = ? WHERE hash = ? AND token = ?',
    unchanged,
    hashOf(key),
    token,
  );
}
