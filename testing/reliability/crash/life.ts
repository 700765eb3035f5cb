import type { Clock } from '@talo/core';
import type { Inbox } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';
// the connections of an inbox are its own business, except for whoever has to pull the plug
import { createInbox } from '../../../packages/inbox-sqlite/src/sqlite-inbox.ts';

/**
 * The life of a process that shares this one. Whatever it does to the outside is held here: when it dies, nothing of it
 * goes on, not even what was on its way, and nobody inside is told, because nobody is left. While it is frozen
 * everything stands still and goes on afterwards as if no time had passed.
 */
export class Life {
  /** Resolves when it is over. */
  readonly ended: Promise<void>;
  #over = false;
  #tellEnded: () => void = () => {};
  #thawed: Promise<void> | undefined;
  #thaw: () => void = () => {};
  readonly #atEnd: (() => void)[] = [];

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
  }

  get over(): boolean {
    return this.#over;
  }

  get frozen(): boolean {
    return this.#thawed !== undefined;
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const run of this.#atEnd.splice(0)) run();
    this.#tellEnded();
  }

  atEnd(run: () => void): void {
    this.#atEnd.push(run);
  }

  freeze(): void {
    this.#thawed ??= new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#thawed = undefined;
    this.#thaw();
  }

  /** What it asks of the outside: the answer reaches it only while it lives. */
  async hold<T>(work: () => T | Promise<T>): Promise<T> {
    await this.#going();
    try {
      const value = await work();
      await this.#going();
      return value;
    } catch (error) {
      await this.#going();
      throw error;
    }
  }

  /** What the outside waits for from it: rejects when it dies, as a connection does. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    const died = this.ended.then((): never => {
      throw new Error('the process died');
    });
    if (this.#over) return died;
    if (this.frozen) await Promise.race([this.#thawed, this.ended]);
    return Promise.race([this.#over ? died : work(), died]);
  }

  async #going(): Promise<void> {
    while (this.#thawed !== undefined && !this.#over) await Promise.race([this.#thawed, this.ended]);
    if (this.#over) await new Promise<never>(() => {});
  }
}

/** A clock whose timers end with a life, and wait while it is frozen. */
export function clockOf(life: Life, clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (run, ms) =>
      clock.setTimeout(() => {
        if (life.frozen) void life.hold(() => undefined).then(run);
        else if (!life.over) run();
      }, ms),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
}

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Called around each step that leaves a trace; may end the life, and then does not return. */
export type Around = (point: string) => Promise<void>;

export function fetchOf(life: Life, fetch: Fetch, around: Around = async () => {}): Fetch {
  return (input, init) =>
    life.hold(async () => {
      const request = new Request(input, init);
      const look = request.method === 'GET';
      if (look) await around('before:GET');
      const response = await fetch(request);
      if (look) await around('after:GET');
      return response;
    });
}

/** An inbox as a process with this life uses it. @param refused hears of every call that it rejects */
export function inboxOf<T extends Inbox<never, never> | Inbox<SqliteTx, 'sync'>>(
  life: Life,
  inbox: T,
  around: Around = async () => {},
  refused: (error: unknown) => void = () => {},
): T {
  return new Proxy(inbox, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        life.hold(async () => {
          const step = stepOf(String(name), args);
          await around(`before:${step}`);
          const result = await Promise.resolve(Reflect.apply(value, target, args) as unknown).catch(
            (error: unknown): never => {
              refused(error);
              throw error;
            },
          );
          await around(`after:${step}`);
          return result;
        });
    },
  });
}

/** `remember` is several steps: what is ours, and the marks of reconciling. */
function stepOf(name: string, [first]: readonly unknown[]): string {
  return name === 'remember' && /reconcile|"since"/.test(JSON.stringify(first)) ? 'marks' : name;
}

/** A SQLite inbox whose connections end with a life: what was not committed then is gone. */
export function storeOf(life: Life, options: { path: string; takeover: number }): Inbox<SqliteTx, 'sync'> {
  const inbox = createInbox(options, {
    opened(db) {
      if (life.over) throw new Error('the process died');
      life.atEnd(() => {
        if (db.isOpen) db.close();
      });
    },
  });
  // what it does by itself now and then ends too; it can write nothing any more
  life.atEnd(() => void inbox.close().catch(() => {}));
  return inbox;
}
