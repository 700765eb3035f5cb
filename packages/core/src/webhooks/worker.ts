import { type Clock, systemClock } from '../clock.ts';
import { type DeliveryClaim, type HintClaim, type Inbox, isFenced } from './inbox/inbox.ts';

export interface WorkerPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly looks: number;
  readonly deliveries: number;
  /** Deliveries that one handler may have under way, of those. */
  readonly share: () => number;
  /** What a handler may take. */
  readonly handlerMs: number;
  /** Never sleeps longer: another process may have put something, or the clock may have been moved. */
  readonly pollMs: number;
  readonly look: (claim: HintClaim) => Promise<void>;
  readonly deliver: (claim: DeliveryClaim) => Promise<void>;
  readonly failed: (what: string, error: unknown) => void;
}

/** Longer than any look takes. */
const LEASE_MS = 120_000;
/** So much longer than a handler may take. */
const HANDLER_GRACE_MS = 60_000;
/** While all places of one kind are taken, something of the other may become due. */
const FULL_MS = 500;
/** After the inbox itself failed. */
const PAUSE_MS = 1_000;

/** Takes due hints and deliveries from the inbox and runs them, a bounded number at a time. */
export class Worker {
  readonly #ports: WorkerPorts;
  readonly #looks = new Set<HintClaim>();
  readonly #deliveries = new Set<DeliveryClaim>();
  /** 1 while claims are on their way from the inbox. */
  #taking = 0;
  #ahead = 0;
  #hurried = 0;
  /** Counts what was taken and what ended. */
  #steps = 0;
  /** Of the loop that runs: a halted one ends, though another may have begun meanwhile. */
  #life = { on: false };
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};
  #woken = false;
  #watchers = new Set<() => void>();

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
  }

  get busy(): number {
    return this.#looks.size + this.#deliveries.size + this.#taking;
  }

  /** Begins to take work; does nothing where it has begun. */
  start(): void {
    if (this.#life.on) return;
    const life = { on: true };
    this.#life = life;
    this.#loop = this.#run(life);
  }

  /**
   * Has what is due within `ms` taken now, while somebody waits for {@link idle}: the floor between two looks spares
   * Talo, and nobody should have to wait for it, least of all on a clock that stands still.
   * @returns ends it
   */
  hurry(ms: number): () => void {
    this.#hurried++;
    this.#ahead = Math.max(this.#ahead, ms);
    this.wake();
    return () => {
      this.#hurried--;
      if (this.#hurried === 0) this.#ahead = 0;
    };
  }

  /** Takes nothing new; what runs goes on. */
  async halt(): Promise<void> {
    this.#life.on = false;
    this.wake();
    await this.#loop;
  }

  /** Gives back what still runs, so that nobody has to wait for its leases to end. Whatever it does is refused then. */
  async giveBack(): Promise<void> {
    const { inbox, clock } = this.#ports;
    await inbox.release([...this.#looks], [...this.#deliveries], clock.now());
  }

  /** A hint came: where no look has room for it, the next one that ends wakes us anyway. */
  hinted(): void {
    if (this.#looks.size < this.#ports.looks) this.wake();
  }

  /** Something may be due now. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /**
   * Resolves with `true` when nothing runs and nothing is due within `soonMs`, with `false` when `budgetMs` is over
   * before.
   */
  async idle(budgetMs: number, soonMs: number): Promise<boolean> {
    const { clock, inbox } = this.#ports;
    // the caller waits in real time, also where the engine's clock stands still
    const end = systemClock.monotonic() + budgetMs;
    const endHere = clock.monotonic() + budgetMs;
    for (;;) {
      const steps = this.#steps;
      const { nextAt } = await inbox.backlog();
      const soon = nextAt !== undefined && nextAt <= clock.now() + soonMs;
      // what the inbox said is old news if something was taken or ended meanwhile
      if (this.busy === 0 && !soon && steps === this.#steps) return true;
      const left = Math.min(end - systemClock.monotonic(), endHere - clock.monotonic());
      if (left <= 0) return false;
      await this.#change(Math.min(left, 1_000));
    }
  }

  /** Waits until something ended or time is over. */
  #change(ms: number): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      const done = () => {
        clock.clearTimeout(timer);
        systemClock.clearTimeout(real);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = clock.setTimeout(done, ms);
      const real = systemClock.setTimeout(done, ms);
      this.#watchers.add(done);
    });
  }

  async #run(life: { readonly on: boolean }): Promise<void> {
    const { inbox, clock, pollMs } = this.#ports;
    while (life.on) {
      this.#woken = false;
      let pause = PAUSE_MS;
      try {
        this.#steps++;
        this.#taking = 1;
        const took = await this.#take(life).finally(() => {
          this.#taking = 0;
        });
        if (took > 0) continue;
        this.#notify();
        const { nextAt } = await inbox.backlog();
        pause = nextAt === undefined ? pollMs : Math.min(pollMs, nextAt - clock.now() - this.#ahead);
        // what is due cannot be taken while its places are full: the next one to end wakes us
        if (pause <= 0) pause = this.#full() ? Math.min(pollMs, FULL_MS) : 1;
      } catch (error) {
        this.#ports.failed('The inbox failed', error);
      }
      await this.#sleep(pause);
    }
  }

  #full(): boolean {
    const { limit, full } = this.#room();
    return this.#looks.size >= this.#ports.looks || limit <= 0 || full.size > 0;
  }

  /** How many deliveries may be taken at once, so that no handler gets more than its share, and for whom none. */
  #room(): { readonly limit: number; readonly full: ReadonlySet<string> } {
    const running = new Map<string, number>();
    for (const { handler } of this.#deliveries) running.set(handler, (running.get(handler) ?? 0) + 1);
    const share = this.#ports.share();
    const full = new Set<string>();
    let most = 0;
    for (const [handler, places] of running) {
      if (places >= share) full.add(handler);
      else most = Math.max(most, places);
    }
    return { limit: Math.min(this.#ports.deliveries - this.#deliveries.size, share - most), full };
  }

  async #take(life: { readonly on: boolean }): Promise<number> {
    const { inbox, clock, handlerMs } = this.#ports;
    const now = clock.now() + this.#ahead;
    const freeLooks = this.#ports.looks - this.#looks.size;
    const hints = freeLooks > 0 ? await inbox.claim(freeLooks, now, LEASE_MS) : [];
    const { limit, full } = this.#room();
    const deliveries =
      life.on && limit > 0 ? await inbox.claimDeliveries(limit, now, handlerMs + HANDLER_GRACE_MS, full) : [];
    if (!life.on) {
      await inbox.release(hints, deliveries, clock.now());
      return 0;
    }
    for (const claim of hints) this.#begin('A look', this.#looks, claim, this.#ports.look);
    for (const claim of deliveries) this.#begin('A delivery', this.#deliveries, claim, this.#ports.deliver);
    return hints.length + deliveries.length;
  }

  /** What fails here is the inbox, not Talo and not a handler: the lease will end and the work come back. */
  #begin<Claim>(what: string, under: Set<Claim>, claim: Claim, work: (claim: Claim) => Promise<void>): void {
    under.add(claim);
    void work(claim)
      .catch((error: unknown) => {
        if (!isFenced(error)) this.#ports.failed(`${what} could not be recorded`, error);
      })
      .then(() => {
        under.delete(claim);
        this.#steps++;
        this.wake();
        this.#notify();
      });
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #sleep(ms: number): Promise<void> {
    const { clock } = this.#ports;
    if (this.#woken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => this.#wake(), ms);
      this.#wake = () => {
        clock.clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
