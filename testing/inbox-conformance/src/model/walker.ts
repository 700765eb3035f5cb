import assert from 'node:assert/strict';
import type { Credit, DeadLetter, DeliveryClaim, HintClaim, Inbox, StoredEvent } from '@talo/core/webhooks';
import { creditFor, eventFor, hintFor, keyFor, refused, T0 } from '../make.ts';
import type { InboxUnderTest } from '../under-test.ts';
import { ReferenceInbox, type ReferenceLetter, whenHint, whenLane } from './reference.ts';
import type { Step } from './steps.ts';

const KEYS = [keyFor('p1'), keyFor('p2'), keyFor('p1', 'account-2')] as const;
const EXCEPT = [undefined, undefined, new Set(['ship']), new Set(['mail', 'nobody'])] as const;
const HANDLERS = [['ship'], ['ship', 'mail'], []] as const;
/** Time moves in hundreds and leases end in between, so that no case is on the edge. */
const LEASE = 5_050;
const PAUSES = [100, 100, 500, 1_000, 3_000, 10_000] as const;

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];

/** Takes steps with an inbox and with the model at once, and compares. */
export class Walker {
  readonly trace: string[] = [];
  readonly #subject: InboxUnderTest;
  readonly #model = new ReferenceInbox();
  #inbox: Inbox;
  #open = false;
  #now = T0;
  #counter = 0;
  #claims: HintClaim[] = [];
  #deliveries: DeliveryClaim[] = [];
  readonly #tokens = new Map<string, number>();

  constructor(subject: InboxUnderTest) {
    this.#subject = subject;
    this.#inbox = subject.inbox;
  }

  async open(): Promise<void> {
    await this.#inbox.open();
    this.#open = true;
  }

  async close(): Promise<void> {
    if (this.#open) await this.#inbox.close();
  }

  async take(step: Step): Promise<void> {
    await this[step.op](step);
    await this.#compare();
  }

  #say(...words: readonly unknown[]): void {
    const told = words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)));
    this.trace.push(`  +${this.#now - T0} ms: ${told.join(' ')}`);
  }

  async advance({ a }: Step): Promise<void> {
    this.#now += pick(PAUSES, a) ?? 0;
  }

  async put({ a, b, c }: Step): Promise<void> {
    const due = c % 4 === 0 ? { due: this.#now + (c % 10) * 500 } : {};
    const key = pick(KEYS, a) ?? KEYS[0];
    const hint = hintFor(key, { authenticated: b % 3 !== 0, at: this.#now, ...due });
    this.#say('put', hint);
    assert.equal(await this.#inbox.put(hint), this.#model.put(hint), 'answer of put');
  }

  async watch({ a, b }: Step): Promise<void> {
    const key = pick(KEYS, a) ?? KEYS[0];
    const at = this.#now + (b % 8) * 500;
    this.#say('watch', key, `at +${at - T0}`);
    await this.#inbox.watch(key, at);
    this.#model.watch(key, at, this.#now);
  }

  async claim({ a }: Step): Promise<void> {
    const limit = 1 + (a % 4);
    const may = this.#model.dueHints(this.#now);
    this.#say('claim', limit);
    const claims = await this.#inbox.claim(limit, this.#now, LEASE);
    this.#say('  ', claims);
    assert.equal(claims.length, Math.min(limit, may.length), `claims; due are ${may.map(({ key }) => key)}`);
    for (const claim of claims) {
      const { key, token, since, attempts, unchanged, authenticated } = claim;
      const row = may.find((candidate) => candidate.key === key);
      if (row === undefined) assert.fail(`${key} was claimed and is not due`);
      this.#grows(`hint ${key}`, token);
      this.#model.claim(row, token, this.#now, LEASE);
      const expected = { since: row.since, ...known(row, ['attempts', 'unchanged', 'authenticated']) };
      const all = { since, attempts, unchanged, authenticated };
      assert.deepEqual(
        all,
        { ...all, ...expected },
        `the claim of ${key} should have ${JSON.stringify(expected)}`,
      );
    }
    this.#claims.push(...claims);
  }

  async commit({ a, b, c }: Step): Promise<void> {
    const claim = pick(this.#claims, a);
    if (claim === undefined) return;
    const { key } = claim;
    const events: StoredEvent[] = [];
    const credits: Credit[] = [];
    if (b % 3 !== 0) {
      const handlers = HANDLERS[c % 3] ?? [];
      const unheard = handlers.length === 0 ? { unheard: 'nobody hears it' } : {};
      events.push(eventFor(`${key} ${c % 6}`, key, { handlers, ...unheard }));
    }
    if (b % 5 === 1) credits.push(creditFor(`${key} ${c % 4}`, { at: this.#now }));
    const state = events.length === 0 && c % 2 === 0 ? undefined : `state ${++this.#counter}`;
    const unit = { claim, state, credits, events, now: this.#now };
    this.#say('commit', { ...unit, claim: claim.token });
    const row = this.#model.held(claim);
    if (row === undefined) return refused(this.#inbox.commit(unit), 'commit');
    await this.#inbox.commit(unit);
    this.#model.commit(row, unit);
  }

  async complete({ a, b, c }: Step): Promise<void> {
    const claim = pick(this.#claims, a);
    if (claim === undefined) return;
    const notBefore = this.#now + (b % 4) * 1_000;
    const again = c % 3 === 0 ? this.#now + (c % 5) * 1_000 : undefined;
    this.#say('complete', claim.token, `notBefore +${notBefore - T0}`, again && `again +${again - T0}`);
    const row = this.#model.held(claim);
    if (row === undefined) return refused(this.#inbox.complete(claim, notBefore, again), 'complete');
    await this.#inbox.complete(claim, notBefore, again);
    this.#model.complete(row, notBefore, again);
  }

  async delay({ a, b, c }: Step): Promise<void> {
    const claim = pick(this.#claims, a);
    if (claim === undefined) return;
    const notBefore = this.#now + (b % 3) * 500;
    const until = notBefore + (c % 8) * 1_000;
    this.#say('delay', claim.token, `until +${until - T0}`, `notBefore +${notBefore - T0}`);
    const row = this.#model.held(claim);
    if (row === undefined) return refused(this.#inbox.delay(claim, until, notBefore, 'later'), 'delay');
    await this.#inbox.delay(claim, until, notBefore, 'later');
    this.#model.delay(row, claim, until, notBefore);
  }

  async bury({ a }: Step): Promise<void> {
    const claim = pick(this.#claims, a);
    if (claim === undefined) return;
    const row = this.#model.held(claim);
    // a case of its own says what becomes of a hint that came since the claim
    if (row?.lease.first !== undefined) return;
    if (this.#model.letters.some(({ kind, key }) => kind === 'hint' && key === claim.key)) return;
    const reason = `reason ${++this.#counter}`;
    this.#say('bury', claim.token);
    if (row === undefined) return refused(this.#inbox.bury(claim, reason), 'bury');
    await this.#inbox.bury(claim, reason);
    this.#model.bury(row, reason);
  }

  async release({ a, b }: Step): Promise<void> {
    const claim = pick(this.#claims, a);
    const delivery = b % 2 === 0 ? pick(this.#deliveries, b) : undefined;
    const [claims, deliveries] = [claim ? [claim] : [], delivery ? [delivery] : []];
    this.#say('release', claim?.token, delivery?.token);
    const row = claim && this.#model.held(claim);
    const lane = delivery && this.#lane(delivery);
    await this.#inbox.release(claims, deliveries, this.#now);
    if (row) this.#model.release(row, this.#now);
    if (lane) this.#model.releaseDelivery(lane, this.#now);
  }

  async claimDeliveries({ a, b }: Step): Promise<void> {
    const limit = 1 + (a % 4);
    const except = pick(EXCEPT, b);
    const may = this.#model
      .dueLanes(this.#now)
      .filter(({ rows }) => rows[0] !== undefined && !except?.has(rows[0].handler));
    this.#say('claimDeliveries', limit, except && `except ${[...except]}`);
    const claims = await this.#inbox.claimDeliveries(limit, this.#now, LEASE, except);
    this.#say('  ', claims);
    assert.equal(claims.length, Math.min(limit, may.length), 'deliveries claimed');
    for (const claim of claims) {
      const { key, handler, token, eventId, type, payload, failures, superseded } = claim;
      const lane = this.#model.lane(key, handler);
      const [head] = lane.rows;
      if (head === undefined || !may.includes(lane)) assert.fail(`${eventId} for ${handler} is not due`);
      this.#grows(`delivery ${key} ${handler}`, token);
      this.#model.claimDelivery(lane, token, this.#now, LEASE);
      const { event } = head;
      const expected = {
        ...{ eventId: event.id, type: event.type, payload: event.payload },
        ...known({ failures: head.failures, superseded: this.#model.superseded(head) }, [
          'failures',
          'superseded',
        ]),
      };
      const all = { eventId, type, payload, failures, superseded };
      assert.deepEqual(all, { ...all, ...expected }, `the delivery should have ${JSON.stringify(expected)}`);
    }
    this.#deliveries.push(...claims);
  }

  async finish({ a }: Step): Promise<void> {
    const claim = pick(this.#deliveries, a);
    if (claim === undefined) return;
    this.#say('finish', claim.token);
    const lane = this.#lane(claim);
    if (lane === undefined) return refused(this.#inbox.finish(claim, []), 'finish');
    await this.#inbox.finish(claim, []);
    this.#model.finish(lane);
  }

  async retry({ a, b }: Step): Promise<void> {
    const claim = pick(this.#deliveries, a);
    if (claim === undefined) return;
    const until = this.#now + (b % 5) * 500;
    this.#say('retry', claim.token, `until +${until - T0}`);
    const lane = this.#lane(claim);
    if (lane === undefined) return refused(this.#inbox.retry(claim, until, 'no'), 'retry');
    await this.#inbox.retry(claim, until, 'no');
    this.#model.retry(lane, claim.failures + 1, until);
  }

  async park({ a }: Step): Promise<void> {
    const claim = pick(this.#deliveries, a);
    if (claim === undefined) return;
    const reason = `reason ${++this.#counter}`;
    this.#say('park', claim.token);
    const lane = this.#lane(claim);
    if (lane === undefined) return refused(this.#inbox.park(claim, reason), 'park');
    await this.#inbox.park(claim, reason);
    this.#model.park(lane, reason);
  }

  async replay({ a, b }: Step): Promise<void> {
    const letter = pick(this.#model.letters, a);
    if (letter === undefined || this.#inTheWay(letter)) return;
    const handlers = HANDLERS[b % 3] ?? [];
    if (handlers.some((handler) => this.#model.lane(letter.key, handler).rows.length > 0)) return;
    const found = (await this.#inbox.dead()).find(
      (candidate) => sameLetter(candidate) === modelLetter(letter),
    );
    if (found === undefined) assert.fail(`a dead letter is missing: ${modelLetter(letter)}`);
    this.#say('replay', found, handlers);
    const expected = this.#model.replay(letter, this.#now, handlers);
    assert.equal(await this.#inbox.replay(found.id, this.#now, handlers), expected, 'answer of replay');
  }

  async remember({ a, b }: Step): Promise<void> {
    const entry = { key: `mark ${a % 3}`, value: `value ${b}` };
    this.#say('remember', entry);
    await this.#inbox.remember([entry]);
    this.#model.remembered.set(entry.key, entry.value);
  }

  async reopen(): Promise<void> {
    const { reopen } = this.#subject;
    if (!this.#inbox.durable || reopen === undefined) return;
    this.#say('reopen');
    this.#open = false;
    await this.#inbox.close();
    this.#inbox = await reopen();
    await this.open();
  }

  /** Cases of their own say how a replay joins what waits already. */
  #inTheWay({ kind, key, delivery }: ReferenceLetter): boolean {
    if (kind === 'hint') return this.#model.hints.get(key)?.waits === true;
    return delivery !== undefined && this.#model.lane(key, delivery.handler).rows.length > 0;
  }

  #lane(claim: DeliveryClaim) {
    const lane = this.#model.lane(claim.key, claim.handler);
    return lane.lease?.token === claim.token ? lane : undefined;
  }

  #grows(what: string, token: number): void {
    const last = this.#tokens.get(what);
    assert.ok(last === undefined || token > last, `token ${token} of ${what} after ${last}`);
    this.#tokens.set(what, token);
  }

  async #compare(): Promise<void> {
    const inbox = this.#inbox;
    const model = this.#model;
    for (const key of KEYS) assert.equal(await inbox.state(key), model.states.get(key), `state of ${key}`);
    for (const key of model.remembered.keys()) {
      assert.equal(await inbox.recall(key), model.remembered.get(key), `what was remembered as ${key}`);
    }
    const credits = await inbox.credits({});
    assert.equal(credits.length, model.credits.size, 'number of credits');
    for (const credit of credits) assert.deepEqual({ ...credit }, model.credits.get(credit.key));
    const dead = await inbox.dead();
    assert.deepEqual(dead.map(sameLetter).sort(), model.letters.map(modelLetter).sort(), 'dead letters');

    const rows = [...model.hints.values()];
    const lanes = [...model.lanes.values()];
    const waiting = rows.filter((row) => row.waits);
    const backlog = await inbox.backlog();
    const { hints, deliveries, running, oldest, nextAt } = backlog;
    assert.deepEqual(
      { hints, deliveries, dead: backlog.dead, oldest },
      {
        hints: waiting.length,
        deliveries: lanes.reduce((sum, lane) => sum + lane.rows.length, 0),
        dead: model.letters.length,
        oldest: waiting.length === 0 ? undefined : Math.min(...waiting.map((row) => row.since)),
      },
      'backlog',
    );
    const { oldestEvent } = backlog;
    const waits = Math.min(...lanes.flatMap(({ rows }) => rows.map(({ at }) => at)));
    assert.ok(oldestEvent === undefined || oldestEvent === waits, `oldestEvent ${oldestEvent}, not ${waits}`);
    const leases = [...waiting, ...lanes].flatMap(({ lease }) => lease?.until ?? []);
    const live = leases.filter((until) => until > this.#now).length;
    assert.ok(running >= live && running <= leases.length, `running is ${running}, ${live} leases hold`);

    // it may be early, for a floor that ends, but nothing may be due before it
    const next = Math.min(...rows.map(whenHint), ...lanes.map(whenLane));
    const early = Math.min(next, ...rows.map((row) => Math.min(whenHint(row), row.floor)));
    if (next === Number.POSITIVE_INFINITY)
      assert.ok(nextAt === undefined || nextAt >= early, `nextAt ${nextAt}`);
    else
      assert.ok(
        nextAt !== undefined && nextAt <= next && nextAt >= early,
        `nextAt ${nextAt}, due at ${next}`,
      );
  }
}

function known<Row extends object, Name extends keyof Row>(row: Row, names: readonly Name[]): Partial<Row> {
  return Object.fromEntries(
    names.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])),
  ) as Partial<Row>;
}

function sameLetter({ kind, key, reason, eventId, type, handler }: DeadLetter): string {
  return JSON.stringify([kind, key, reason, eventId ?? '', type ?? '', handler ?? '']);
}

function modelLetter({ kind, key, reason, delivery }: ReferenceLetter): string {
  const { event, handler } = delivery ?? {};
  return JSON.stringify([kind, key, reason, event?.id ?? '', event?.type ?? '', handler ?? '']);
}
