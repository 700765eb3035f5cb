import { type Bank, createBank } from './bank.ts';
import { check } from './check.ts';
import type { SandboxClock } from './clock.ts';
import { CONTROL_PATH, type Control, createControl } from './control/control.ts';
import { createEngine, type Engine } from './engine.ts';
import { asResponse, isHalf } from './http/broken.ts';
import { createDashboard } from './http/dashboard.ts';
import type { Faults } from './http/faults.ts';
import type { Front, JournalEntry } from './http/front.ts';
import { type Listening, listen } from './http/listen.ts';
import { createOperator, type Operator } from './operator.ts';
import type { SandboxOptions } from './options.ts';
import type { Scenarios } from './scenarios/scenarios.ts';
import { ListenSchema, MerchantOptions } from './schemas/options.ts';
import type { Fixture } from './state/fixture.ts';
import { addMerchant, type NewMerchant } from './state/merchants.ts';
import type { Merchant } from './state/records.ts';
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
  /** Names beside those of this machine under which the control API and the dashboard answer, such as `sandbox`. */
  readonly allowedHosts?: readonly string[];
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

/** With its inside, for the package's own tools. */
export function openSandbox(given: SandboxOptions): { readonly sandbox: Sandbox; readonly engine: Engine } {
  const engine = createEngine(given);
  return { sandbox: sandboxOf(engine, createControl(engine)), engine };
}

/** Everything that one address serves: Talo's API, and what is only the sandbox's. */
function doors(engine: Engine, control: Control): Front {
  const dashboard = createDashboard();
  return (request) => {
    const { pathname } = new URL(request.url);
    const isControl = pathname === CONTROL_PATH || pathname.startsWith(`${CONTROL_PATH}/`);
    return isControl ? control.fetch(request) : (dashboard(request) ?? engine.talo(request));
  };
}

function sandboxOf(engine: Engine, control: Control): Sandbox {
  const answer = doors(engine, control);
  const { listening, history } = engine;
  const world = (): Engine['world'] => engine.world;

  function merchantOptions({ userId, clientId, clientSecret }: Merchant): SandboxMerchant {
    return {
      get environment() {
        return { apiUrl: engine.url(), appUrl: engine.url() };
      },
      credentials: { userId, clientId, clientSecret },
    };
  }

  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      const { signal } = request;
      signal.throwIfAborted();
      return await new Promise((resolve, reject) => {
        const abort = (): void => reject(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        answer(request)
          .then((given) => (isHalf(given) ? asResponse(given, signal) : given))
          .then(resolve, reject)
          .finally(() => signal.removeEventListener('abort', abort));
      });
    },
    async listen(where = {}) {
      const { port = 0, host = '127.0.0.1', allowedHosts = [] } = where;
      check('sandbox.listen', ListenSchema, where);
      for (const name of allowedHosts) engine.allowedHosts.add(name);
      const server = await listen(answer, port, host);
      listening.push(server);
      return {
        ...server,
        async close() {
          const index = listening.indexOf(server);
          if (index !== -1) listening.splice(index, 1);
          await server.close();
        },
      };
    },
    get merchant() {
      const [merchant] = engine.world.state.merchants.values();
      if (merchant === undefined) throw new Error('The sandbox has no merchant.');
      return merchantOptions(merchant);
    },
    addMerchant(merchant = {}) {
      check('sandbox.addMerchant', MerchantOptions, merchant);
      return merchantOptions(engine.accepted(() => addMerchant(engine.world, merchant)));
    },
    partner: engine.partner,
    bank: createBank(world, engine.accepted),
    clock: engine.clock,
    faults: engine.faults,
    operator: createOperator(world, engine.accepted),
    scenarios: control.scenarios,
    get requests() {
      return history.exchanges.list().map(({ entry }) => entry);
    },
    get deliveries() {
      return history.deliveries.list();
    },
    idle: () => engine.idle(),
    reset: () => engine.reset(),
    snapshot: () => engine.snapshot(),
    restore: (fixture) => engine.restore(fixture),
    async close() {
      for (const server of listening.splice(0)) await server.close();
      engine.close();
    },
  };
}
