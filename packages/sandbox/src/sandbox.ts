import type { Bank } from './bank.ts';
import type { SandboxClock } from './clock.ts';
import type { Faults } from './http/faults.ts';
import type { JournalEntry } from './http/front.ts';
import type { Listening } from './http/listen.ts';
import { openSandbox } from './open.ts';
import type { Operator } from './operator.ts';
import type { SandboxOptions } from './options.ts';
import type { Scenarios } from './scenarios/scenarios.ts';
import type { Fixture } from './state/changes.ts';
import type { NewMerchant } from './state/merchants.ts';
import type { PartnerSettings } from './state/world.ts';
import type { Delivery } from './webhooks/delivery.ts';

/** A merchant's options for a client: `new TaloClient({ fetch: sandbox.fetch, ...merchant })`. */
export interface SandboxMerchant {
  /** The sandbox's address when read: a made-up host until it listens, the real one from then on. */
  readonly environment: { readonly apiUrl: string; readonly appUrl: string };
  readonly credentials: { readonly userId: string; readonly clientId: string; readonly clientSecret: string };
}

/** Where a sandbox can be reached. */
export interface ListenOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1: this machine alone. Whoever can reach another one can see and do everything here. */
  readonly host?: string;
  /** Names beside those of this machine that it answers to, such as `sandbox`. Pages of other sites get nothing. */
  readonly allowedHosts?: readonly string[];
  /**
   * Where others reach it, in a container or behind a proxy: `payment_url` and `merchant.environment` say so, and it
   * answers to that name too. Default: where it listens.
   */
  readonly publicUrl?: string;
}

/** A local Talo. */
export interface Sandbox {
  /** The API in process, with the signature of the global `fetch`. Answers for any host and follows no redirect. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The same API and state on 127.0.0.1, with the dashboard at `/`. @throws if the port is taken */
  listen(options?: ListenOptions): Promise<Listening>;
  /** The account of Talo's documentation: prefix `bami`, client id and secret `sandbox`. */
  readonly merchant: SandboxMerchant;
  /** One more account, with credentials of its own. @throws TaloConfigError for what it does not understand */
  addMerchant(merchant?: NewMerchant): SandboxMerchant;
  /** The partner, with what Talo has on file for it. */
  readonly partner: PartnerSettings;
  readonly bank: Bank;
  readonly clock: SandboxClock;
  readonly faults: Faults;
  readonly operator: Operator;
  /** Faults and events that belong together, under a name. */
  readonly scenarios: Scenarios;
  /** The last requests, oldest first. */
  readonly requests: readonly JournalEntry[];
  /** The last webhook attempts, and the notices that were not sent, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** Resolves when no webhook attempt is running or due now. Retries that wait for their time are not waited for. */
  idle(): Promise<void>;
  /** Back to the beginning, except for the clock: no money, no faults, no history, and the same ids again. */
  reset(): void;
  /** Everything it knows as plain JSON data, for `restore` and for files. Faults and history are not in it. */
  snapshot(): Fixture;
  /**
   * Goes on from a snapshot, with what was to come: expiries, activations, webhooks to be sent again. A virtual clock
   * shows its time.
   * @throws TaloConfigError for what is no snapshot, with nothing changed
   */
  restore(fixture: Fixture): void;
  /** Stops every address and timer, and gives the storage's file back. A sandbox without either needs no closing. */
  close(): Promise<void>;
}

/**
 * Begins a local Talo, with nothing in it but the account of Talo's documentation.
 * @throws TaloConfigError for what is no option, and for values that an option does not take
 */
export function createSandbox(given: SandboxOptions = {}): Sandbox {
  return openSandbox(given).sandbox;
}
