import type { TaloClient } from '../../client.ts';
import { TaloConfigError } from '../../errors/errors.ts';
import type { Account } from '../../models/account.ts';
import type { Payment } from '../../models/payment.ts';
import type { Transaction } from '../../models/transaction.ts';
import { EVENT_TYPES, type TaloEvent, type TaloEventOf, type TaloEventType } from '../events.ts';

/** What a handler gets beside the event. */
export interface TaloContext<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'> {
  /** The client of the event's account. */
  readonly client: TaloClient;
  /** Counts from 1; what the process did not live to record is not counted. */
  readonly attempt: number;
  /**
   * Aborts when this attempt has taken too long (`limits.handlerTimeout`), and when the engine has stopped and its
   * deadline has passed; `signal.reason` is then a `TaloWebhookError` with `reason` `handler-timeout` or `stopped`.
   */
  readonly signal: AbortSignal;
  /** The resource as Talo has it now: a GET, with the attempt's signal. Rejects as the client's methods do. */
  current(): Promise<Payment | Transaction | Account>;
  /**
   * Writes that happen exactly once: kept until the handler has returned, then run in one commit with its done mark.
   * Everything else a handler does may happen again after a crash; deduplicate it by `event.id`.
   * @throws TaloWebhookError with an inbox that has no transactions, and after the handler has ended
   */
  commitWith<Result>(
    write: (
      tx: Tx,
    ) => [Mode] extends ['async'] ? Result : Result extends PromiseLike<unknown> ? never : Result,
  ): void;
}

/**
 * Gets an event. When it returns, or the promise it returns resolves, the event is done; when it throws, it gets the
 * same event again later, `limits.attempts` times in all.
 */
export type TaloHandler<
  Type extends TaloEventType,
  Tx = never,
  Mode extends 'sync' | 'async' = 'sync' | 'async',
> = (event: TaloEventOf<Type>, context: TaloContext<Tx, Mode>) => unknown;

/** Of a handler. */
export interface HandlerOptions {
  /** Names the handler in stored work. Default: the events' names. Keep it when you rename a function. */
  readonly name?: string;
  /**
   * Hears of this account only, by Talo's user id. Money of another account is not heard by it, so it is parked as dead
   * where no other handler hears of it. Default: of every account.
   */
  readonly account?: string;
}

export type AnyHandler = (event: TaloEvent, context: TaloContext<never>) => unknown;

/** The handlers by name, and the names by event. */
export class Handlers {
  readonly #byName = new Map<string, AnyHandler>();
  readonly #byEvent = new Map<string, { readonly name: string; readonly account: string | undefined }[]>();

  /** @throws TaloConfigError if there is no such event, no name, or the name is taken */
  add(types: readonly TaloEventType[], handler: AnyHandler, name: string, account?: string): void {
    const unknown = types.filter((type) => !EVENT_TYPES.includes(type));
    if (types.length === 0 || unknown.length > 0 || typeof handler !== 'function') {
      const given = unknown.length > 0 ? ` There is no event "${unknown.map(String).join()}".` : '';
      const names = `Events: ${EVENT_TYPES.join(', ')}.`;
      throw new TaloConfigError(`Register as webhooks.on('payment.paid', handler).${given} ${names}`);
    }
    if (typeof name !== 'string' || name === '') {
      throw new TaloConfigError(`Name the handler: webhooks.on('${types[0]}', handler, { name: 'mail' }).`);
    }
    if (this.#byName.has(name)) {
      const call = `webhooks.on('${types[0]}', handler, { name: 'another-name' })`;
      throw new TaloConfigError(`A handler named "${name}" is registered already; name this one: ${call}.`);
    }
    this.#byName.set(name, handler);
    for (const type of new Set(types)) {
      this.#byEvent.set(type, [...(this.#byEvent.get(type) ?? []), { name, account }]);
    }
  }

  /** Names of those that hear of an event of this account. */
  of(type: string, accountId: string): readonly string[] {
    const hearing = (this.#byEvent.get(type) ?? []).filter(
      ({ account = accountId }) => account === accountId,
    );
    return hearing.map(({ name }) => name);
  }

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): AnyHandler | undefined {
    return this.#byName.get(name);
  }

  /** Of so many deliveries at a time, those that one handler may have: of several, none may hold up all the others. */
  shareOf(deliveries: number): number {
    return Math.ceil(deliveries / Math.min(4, Math.max(1, this.size)));
  }
}
