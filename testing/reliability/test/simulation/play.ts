import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Customer, centavos, type Payment, TaloClient } from '@talo/core';
import { memoryInbox, type ReconcileReport, type TaloEvent, type TaloEventOf } from '@talo/core/webhooks';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import {
  type Balance,
  balance,
  movementsOf,
  movementsTold,
  prematureOf,
  unmatchedOf,
} from '../../crash/books.ts';
import { SECRET } from '../support.ts';
import { type Edge, edgesOf } from './edges.ts';
import { forge, requestOf } from './outside.ts';
import { begin, type Process, type Store, TAKEOVER_MS } from './process.ts';
import type { History, Step } from './steps.ts';

/** Talo keeps trying for days: what is never notified at all is the subject of reconcile's own tests. */
const RETRY = [60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];
/** Of a handler at one event: after ten it is given up, as it should be. */
const MOST_FAILURES = 5;
const BLAME = { teamId: 'team', mail: 'team@shop.example' };

export interface Ending {
  readonly books: Balance;
  /** What stands in the ledger of credits, and what events told of; the same lists. */
  readonly credited: readonly string[];
  readonly told: readonly string[];
  /** Transfers that were told of before Talo had said that they were processed. */
  readonly premature: readonly string[];
  /** Ids that stood for two facts. */
  readonly ambiguous: readonly string[];
  readonly paidTold: readonly string[];
  readonly paidAtTalo: readonly string[];
  /** Per payment, the status at Talo and the one that was told last, where they differ. */
  readonly behind: readonly string[];
  /** Of the refunds that Talo made, by the ids of its ledger: those in the ledger of credits, and all. */
  readonly refundsEntered: readonly string[];
  readonly refundsAtTalo: readonly string[];
  readonly foreignTold: readonly string[];
  readonly ours: readonly string[];
  readonly dead: readonly string[];
  /** What it came to, of what is easily got wrong. */
  readonly edges: readonly Edge[];
}

/** Plays a history on a clock of its own, heals everything, lets time pass, and says how the books stand. */
export async function play(history: History): Promise<Ending> {
  const folder = history.store === 'sqlite' ? mkdtempSync(join(tmpdir(), 'talo-history-')) : undefined;
  const shop = new Shop(history, folder);
  try {
    await shop.open(history.tolerance);
    for (const step of history.steps) {
      await shop.take(step);
      await shop.rest();
    }
    await shop.heal();
    return await shop.ending();
  } finally {
    await shop.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** A business and its Talo. */
class Shop {
  readonly #history: History;
  readonly #sandbox: Sandbox;
  readonly #store: Store;
  /** Beside the processes, to set things up and to see how they stand. */
  readonly #onlooker: TaloClient;
  readonly #processes: (Process | undefined)[];
  readonly #orders = new Map<number, Payment>();
  readonly #customers: Customer[] = [];
  readonly #forgeries = new Set<string>();
  readonly #events = new Map<string, TaloEvent>();
  readonly #ambiguous: string[] = [];
  readonly #reports: ReconcileReport[] = [];
  /** Calls of the application go on while the history does: a slow one must not hold it up. */
  readonly #calls: Promise<unknown>[] = [];
  /** Orders whose price may have been changed by a process that died before it could say so. */
  readonly #inDoubt = new Set<string>();
  #failures = 0;
  #refusals = 0;
  #lostAnswers = 0;
  /** How long each of Talo's next answers is under way, in milliseconds. */
  #slow: number[] = [];
  #turn = 0;

  constructor(history: History, folder: string | undefined) {
    const { delivery, oddities } = history;
    this.#history = history;
    this.#store = folder === undefined ? { inbox: memoryInbox() } : { path: join(folder, 'app.db') };
    this.#processes = folder === undefined ? [undefined] : [undefined, undefined];
    this.#sandbox = createSandbox({
      clock: 'virtual',
      delivery: { ...delivery, retry: RETRY },
      oddities,
      receiver: (request) => this.#receive(request),
    });
    this.#onlooker = new TaloClient({
      ...this.#sandbox.merchant,
      fetch: this.#sandbox.fetch,
      clock: this.#sandbox.clock,
      random: () => 0.5,
      webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
    });
  }

  async open(tolerance: number): Promise<void> {
    await this.#onlooker.account.update({ transferTolerance: tolerance });
    for (const index of this.#processes.keys()) await this.#begin(index);
    for (const i of [0, 1]) {
      const wanted = { customerId: `c${i}`, alias: `cliente${i}`, name: 'Carla', email: 'c@example.com' };
      const made = this.#alive().talo.customers.create(wanted);
      await this.rest();
      this.#customers.push(await made);
    }
  }

  rest(): Promise<void> {
    return this.#sandbox.clock.advance({ ms: 1 });
  }

  async take(step: Step): Promise<void> {
    const { bank, clock, faults, operator } = this.#sandbox;
    const payment = 'order' in step ? this.#orders.get(step.order) : undefined;
    switch (step.do) {
      case 'order': {
        if (payment !== undefined) break;
        const wanted = { externalId: `order-${step.order}`, price: centavos(step.centavos) };
        this.#call(async (process) => {
          const made = await process.talo.payments.ensure(wanted);
          // an application that stops lets go of what it had not finished: it is asked for again, or never offered
          if (this.#processes.includes(process)) this.#orders.set(step.order, made);
        });
        break;
      }
      case 'pay':
        bank.transfer({ to: payment?.cvu ?? this.#customers[0]?.cvu, amount: centavos(step.centavos) });
        break;
      case 'settle': {
        if (payment === undefined) break;
        const missing = (payment.price?.centavos ?? 0) - bank.received(payment.cvu).centavos + step.beside;
        if (missing > 0) bank.transfer({ to: payment.cvu, amount: centavos(missing) });
        break;
      }
      case 'transfer':
        bank.transfer({ to: this.#customers[step.customer]?.cvu, amount: centavos(step.centavos) });
        break;
      case 'take-back': {
        const transfer = bank.transfers[step.transfer];
        // where Talo shows no transfers of a settled payment, nobody can see that one of them went back
        const isShown =
          this.#history.oddities.settledHidesTransfers !== true ||
          this.#customers.some(({ cvu }) => cvu === transfer?.cvu);
        if (transfer?.status === 'credited' && isShown) bank.reverse(transfer.id);
        break;
      }
      case 'reprice':
        if (payment === undefined) break;
        this.#inDoubt.add(payment.id);
        this.#call(async ({ talo }) => {
          await talo.payments.updatePrice(payment.id, centavos(step.centavos));
          this.#inDoubt.delete(payment.id);
        });
        break;
      case 'refund': {
        if (payment === undefined) break;
        const part = step.centavos;
        const wanted =
          part === undefined
            ? { type: 'FULL' as const, blame: BLAME }
            : { type: 'PARTIAL' as const, amount: centavos(part), blame: BLAME };
        this.#call(({ talo }) => talo.payments.refund(payment.id, wanted));
        break;
      }
      case 'review':
        for (const status of payment === undefined ? [] : step.statuses) {
          operator.setPaymentStatus(payment?.id ?? '', status);
          await clock.advance({ seconds: 5 });
        }
        break;
      case 'expire':
        if (payment === undefined) break;
        this.#call(({ talo }) => talo.payments.updateExpiration(payment.id, new Date(clock.now() + 90_000)));
        await clock.advance({ minutes: 2 });
        break;
      case 'pass':
        await clock.advance({ seconds: step.seconds });
        break;
      case 'fault':
        faults.add(step.fault);
        break;
      case 'slow-answers':
        this.#slow = Array<number>(step.times).fill(step.ms);
        break;
      case 'handler-fails':
        this.#failures += step.times;
        break;
      case 'app-refuses':
        this.#refusals += step.times;
        break;
      case 'lose-answer':
        this.#lostAnswers += step.times;
        break;
      case 'echo': {
        const notice = this.#sandbox.deliveries[step.notice];
        for (let i = 0; notice && i < step.times; i++)
          await this.#receive(requestOf(notice.url, notice.body)).catch(() => undefined);
        break;
      }
      case 'forge': {
        const accountId = this.#onlooker.accountId ?? '';
        const cvu = await forge(this.#sandbox, accountId, `order-${step.order}`, step.centavos);
        if (cvu === undefined) break;
        this.#forgeries.add(cvu);
        bank.transfer({ to: cvu, amount: centavos(step.centavos) });
        break;
      }
      case 'reconcile':
        this.#call(async (process) => {
          this.#reports.push(await process.webhooks.reconcile());
        }, step.process);
        break;
      case 'crash':
        await this.#replace(step.process, async (process) => process.life.end());
        break;
      case 'restart':
        await this.#replace(step.process, async ({ life, webhooks }) => {
          const stopped = webhooks.stop({ deadline: 1_000 });
          await clock.advance({ seconds: 2 });
          await Promise.race([stopped, life.ended]);
          life.end();
        });
        break;
      case 'freeze':
        // somebody has to be there to answer
        if (this.#processes.some((other, i) => i !== step.process && other?.life.frozen === false))
          this.#processes[step.process]?.life.freeze();
        break;
      case 'thaw':
        this.#processes[step.process]?.life.thaw();
        break;
    }
  }

  /** Everything works again, and time does its part. */
  async heal(): Promise<void> {
    const { clock, faults } = this.#sandbox;
    faults.clear();
    this.#failures = 0;
    this.#refusals = 0;
    this.#lostAnswers = 0;
    this.#slow = [];
    for (const process of this.#processes) process?.life.thaw();
    // an application knows which of its own steps it has not seen through
    this.#call(async ({ talo, webhooks }) => {
      for (const id of this.#inDoubt) await webhooks.track([await talo.payments.get(id)]);
    });
    // a look that came before Talo showed the change is made up for by a timed one, a week after expiry at the latest
    const { readDelayMs = 0, timestampsMissing } = this.#history.oddities;
    const behind = readDelayMs > 0 || this.#history.steps.some(isStaleRead);
    await this.#pass((behind && timestampsMissing !== true ? 9 : 3) * 24);
    await Promise.all(this.#calls);
    await this.#pass(7);
    const pass = this.#alive().webhooks.reconcile();
    await clock.advance({ minutes: 5 });
    this.#reports.push(await pass);
    await this.#pass(1);
    // everything is notified once more, and nothing of it is news
    for (const { url, body } of this.#sandbox.deliveries) await this.#receive(requestOf(url, body));
    await this.#pass(1);
  }

  /** Lets so many hours pass, a few at a time where work takes real time too. */
  async #pass(hours: number): Promise<void> {
    const { clock } = this.#sandbox;
    const atOnce = 'inbox' in this.#store ? hours : 6;
    for (let left = hours; left > 0; left -= atOnce) {
      await clock.advance({ hours: Math.min(left, atOnce) });
      await this.#quiet();
    }
  }

  /** A database answers in real time, which a clock that is moved does not wait for. */
  async #quiet(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      const {
        hints,
        deliveries,
        running,
        nextAt = Number.POSITIVE_INFINITY,
      } = await this.#alive().webhooks.stats();
      const due = nextAt <= this.#sandbox.clock.now();
      if (running === 0 && !(due && hints + deliveries > 0)) return;
      await this.#sandbox.clock.advance({ ms: running === 0 ? TAKEOVER_MS / 4 : 1 });
    }
  }

  async ending(): Promise<Ending> {
    const { bank } = this.#sandbox;
    const { webhooks } = this.#alive();
    const ours = [...this.#orders.values()];
    const credits = await webhooks.ledger.entries();
    const cvus = new Map<string | undefined, string | undefined>([
      ...ours.map(({ id, cvu }) => [id, cvu] as const),
      ...this.#customers.map(({ customerId, cvu }) => [customerId, cvu] as const),
    ]);
    const events = [...this.#events.values()];
    const final = await Promise.all(ours.map(({ id }) => this.#onlooker.payments.get(id)));
    const ids = (type: 'payment.paid' | 'payment.foreign') =>
      events.flatMap((event) => (event.type === type ? [event.payment.id] : [])).sort();
    return {
      books: balance({
        bank: bank.transfers.filter(({ cvu }) => !this.#forgeries.has(cvu)),
        credits,
        cvuOf: ({ paymentId, customerId }) => cvus.get(paymentId ?? customerId),
        reported: unmatchedOf(this.#reports),
      }),
      credited: movementsOf(credits),
      told: movementsTold(events, credits),
      premature: prematureOf(events),
      ambiguous: this.#ambiguous,
      paidTold: ids('payment.paid'),
      paidAtTalo: final
        .flatMap(({ id, status }) => (['SUCCESS', 'OVERPAID'].includes(status) ? [id] : []))
        .sort(),
      behind: final.flatMap(({ id, status }) => {
        const last = events.findLast(
          (event): event is TaloEventOf<'payment.updated'> =>
            event.type === 'payment.updated' && event.payment.id === id,
        );
        const told = last?.payment.status ?? 'PENDING';
        return told === status ? [] : [`${id} is ${status}, told ${told}`];
      }),
      refundsEntered: credits
        .flatMap(({ kind, transactionId, gross }) =>
          kind === 'refund' && transactionId !== 'REFUNDED' ? [`${transactionId} ${gross?.centavos}`] : [],
        )
        .sort(),
      refundsAtTalo: (await this.#refunds()).sort(),
      foreignTold: ids('payment.foreign'),
      ours: ours.map(({ id }) => id),
      dead: (await webhooks.dead()).map(({ reason }) => reason),
      edges: edgesOf({
        history: this.#history,
        events,
        credits,
        payments: final,
        transfers: bank.transfers,
      }),
    };
  }

  async #refunds(): Promise<string[]> {
    const made: string[] = [];
    const window = { from: new Date(0), to: new Date(this.#sandbox.clock.now() + 86_400_000) };
    for await (const { type, transactionId, gross } of this.#onlooker.transactions.list(window))
      if (type === 'REFUND') made.push(`${transactionId} ${Math.abs(gross?.centavos ?? Number.NaN)}`);
    return made;
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process?.life.end();
    this.#sandbox.reset();
  }

  async #begin(index: number): Promise<void> {
    const begun = begin(this.#sandbox, this.#store, {
      handler: (event, attempt) => this.#handle(event, attempt),
      fetch: (input, init) => this.#answer(input, init),
    });
    this.#processes[index] = await begun;
  }

  /** An answer is made when Talo gets the question, and may be old when it arrives. */
  async #answer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const response = await this.#sandbox.fetch(request);
    const ms = request.method === 'GET' ? this.#slow.pop() : undefined;
    const { clock } = this.#sandbox;
    if (ms !== undefined) await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
    return response;
  }

  async #replace(index: number, end: (process: Process) => Promise<void>): Promise<void> {
    const old = this.#processes[index];
    if (old === undefined) return;
    this.#processes[index] = undefined;
    old.life.thaw();
    await end(old);
    await this.#begin(index);
  }

  #handle(event: TaloEvent, attempt: number): void {
    if (this.#failures > 0 && attempt <= MOST_FAILURES) {
      this.#failures--;
      throw new Error('the handler fails');
    }
    const before = this.#events.get(event.id);
    if (before === undefined) this.#events.set(event.id, event);
    else if (factOf(before) !== factOf(event)) this.#ambiguous.push(`${factOf(before)} and ${factOf(event)}`);
  }

  async #receive(request: Request): Promise<Response> {
    if (this.#refusals > 0) {
      this.#refusals--;
      return new Response(null, { status: 503 });
    }
    const answer = await this.#alive().receive(request);
    if (this.#lostAnswers === 0 || !answer.ok) return answer;
    this.#lostAnswers--;
    throw new Error('the answer was lost');
  }

  /** The processes take turns. */
  #alive(): Process {
    const going = this.#processes.filter((process) => process !== undefined && !process.life.frozen);
    const process = going[this.#turn++ % going.length] ?? this.#processes.find((one) => one !== undefined);
    if (process === undefined) throw new Error('no process is alive');
    return process;
  }

  /** What the application asks for by itself. It may fail, or never end because its process does. */
  #call(work: (process: Process) => Promise<unknown>, index?: number): void {
    const process = (index === undefined ? undefined : this.#processes[index]) ?? this.#alive();
    const done = work(process).catch(() => undefined);
    this.#calls.push(Promise.race([done, process.life.ended]));
  }
}

function isStaleRead(step: Step): boolean {
  return step.do === 'slow-answers' || (step.do === 'fault' && step.fault.effect === 'stale-read');
}

/** What an id stands for, without when and how it was seen. */
function factOf(event: TaloEvent): string {
  const { type, accountId } = event;
  const about = 'payment' in event ? [event.payment?.id, event.payment?.status] : [];
  const money =
    'transaction' in event ? [event.transaction.transactionId, event.transaction.gross?.centavos] : [];
  const status = type === 'payment.updated' ? about : about.slice(0, 1);
  return JSON.stringify([type, accountId, ...status, ...money]);
}
