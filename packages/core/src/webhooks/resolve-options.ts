import { need } from '../check.ts';
import { contextOf, type TaloClient } from '../client.ts';
import { type Clock, LONGEST_MS, systemClock } from '../clock.ts';
import { TaloConfigError } from '../errors/errors.ts';
import type { Limits, Logger, Mode, ReconcileOptions, TaloWebhooksOptions } from './options.ts';
import type { Unsigned } from './receive/verify.ts';

/** Options after every default and check; what the inbox decides is in place too. */
export interface Resolved {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly unsigned: Unsigned;
  /** Whether the one client signs what it creates; of many clients each is asked when it is found. */
  readonly signs: boolean;
  readonly limits: Required<Limits>;
  readonly reconcile: ReconcileOptions | false;
}

const USUAL = 'new TaloWebhooks({ client: talo, inbox: memoryInbox() })';

/** @throws TaloConfigError that says what to write instead */
export function resolveOptions<Tx, M extends Mode>(options: TaloWebhooksOptions<Tx, M>): Resolved {
  const client = checkedClient(options);
  const { inbox, unsigned, clock, random = Math.random, logger = console } = options;
  if (typeof inbox?.put !== 'function') throw new TaloConfigError(`Give an inbox: ${USUAL}.`);
  if (
    unsigned !== undefined &&
    unsigned !== 'refuse' &&
    unsigned !== 'accept' &&
    typeof unsigned !== 'function'
  ) {
    throw new TaloConfigError("unsigned must be 'refuse', 'accept' or a function of the hint.");
  }
  const context = client?.[contextOf];
  const signs = client === undefined || context?.signer !== undefined;
  if (!signs && context?.environment === 'production' && unsigned === undefined) {
    throw new TaloConfigError(
      "In production webhooks must be signed: new TaloClient({ webhooks: { url, secret }, … }). To go without, say so: unsigned: 'accept'.",
    );
  }
  return {
    clock: clock ?? context?.clock ?? systemClock,
    log: logger,
    random,
    unsigned: unsigned ?? (signs ? 'refuse' : 'accept'),
    signs,
    limits: resolveLimits(options.limits ?? {}, inbox.durable),
    reconcile: checkedReconcile(options.reconcile ?? {}),
  };
}

function checkedClient(options: object | undefined): TaloClient | undefined {
  const { client, clientFor } = (options ?? {}) as { client?: TaloClient; clientFor?: unknown };
  if (client === undefined && typeof clientFor !== 'function')
    throw new TaloConfigError(`Give a client: ${USUAL}.`);
  if (client !== undefined && !client.accountId) {
    throw new TaloConfigError(
      'Webhooks need to know the account: give the client credentials.userId, or many accounts: new TaloWebhooks({ clientFor, inbox }).',
    );
  }
  return client;
}

function resolveLimits(given: Limits, durable: boolean): Required<Limits> {
  const limits = {
    looks: given.looks ?? 8,
    deliveries: given.deliveries ?? 16,
    poll: given.poll ?? (durable ? 1_000 : 60_000),
    handlerTimeout: given.handlerTimeout ?? 5 * 60_000,
    attempts: given.attempts ?? 10,
  };
  for (const [name, value] of Object.entries(limits)) {
    const sound = Number.isInteger(value) && value >= 1 && value <= LONGEST_MS;
    option(sound, `limits: { ${name}: … }`, `limits.${name} is a whole number from 1 to ${LONGEST_MS}`);
  }
  return limits;
}

function checkedReconcile(given: ReconcileOptions | false): ReconcileOptions | false {
  if (given === false) return false;
  option(typeof given === 'object', 'reconcile: { every: 900_000 }', 'reconcile is an object or false');
  const { every = 1, pace = 0, customers = 0, since, accounts } = given;
  option(
    Number.isFinite(every) && every >= 1,
    'reconcile: { every: 900_000 }',
    'every is milliseconds, 1 or more',
  );
  option(Number.isFinite(pace) && pace >= 0, 'reconcile: { pace: 200 }', 'pace is milliseconds, 0 or more');
  option(customers >= 0, 'reconcile: { customers: 100 }', 'customers is a number, 0 or more');
  const dated = since === undefined || (since instanceof Date && !Number.isNaN(since.getTime()));
  option(dated, "reconcile: { since: new Date('2026-01-01') }", 'since is a valid Date');
  const listed = accounts === undefined || typeof accounts === 'function';
  option(listed, 'reconcile: { accounts: () => merchants.keys() }', 'accounts is a function');
  return given;
}

/** @throws TaloConfigError unless `ok` */
function option(ok: boolean, corrected: string, why: string): void {
  need(ok, `new TaloWebhooks({ ${corrected}, … })`, why);
}
