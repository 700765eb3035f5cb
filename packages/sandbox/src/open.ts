import { createBank } from './bank.ts';
import { check } from './check.ts';
import { CONTROL_PATH, type Control, createControl } from './control/control.ts';
import { foreign } from './control/guard.ts';
import { createEngine, type Engine } from './engine.ts';
import { asResponse, isHalf } from './http/broken.ts';
import { createDashboard } from './http/dashboard.ts';
import { failure } from './http/envelope.ts';
import type { Front } from './http/front.ts';
import { listen } from './http/listen.ts';
import { createPages } from './http/pages.ts';
import { createOperator } from './operator.ts';
import type { SandboxOptions } from './options.ts';
import { Problem } from './problem.ts';
import type { Sandbox, SandboxMerchant } from './sandbox.ts';
import { ListenSchema, MerchantOptions } from './schemas/options.ts';
import { addMerchant } from './state/merchants.ts';
import type { Merchant } from './state/records.ts';

/** With its inside, for the package's own tools. */
export function openSandbox(given: SandboxOptions): { readonly sandbox: Sandbox; readonly engine: Engine } {
  const engine = createEngine(given);
  return { sandbox: sandboxOf(engine, createControl(engine)), engine };
}

/** Everything that one address serves: Talo's API, and what is only the sandbox's. */
interface Doors {
  readonly inProcess: Front;
  /** Where a browser may be made to knock by a page of another site. */
  readonly onSocket: Front;
}

function doors(engine: Engine, control: Control): Doors {
  const dashboard = createDashboard();
  const pages = createPages(engine);

  const talo: Front = (request) => dashboard(request) ?? pages(request) ?? engine.talo(request);

  const guarded: Front = async (request) => {
    const reason = foreign(request, engine.allowedHosts);
    if (reason === undefined) return await talo(request);
    const problem = new Problem(403, 'cross_site', reason);
    return Response.json(failure(problem), { status: problem.status });
  };

  /** The control API has a guard of its own. */
  const besideControl =
    (rest: Front): Front =>
    (request) => {
      const { pathname } = new URL(request.url);
      const isControl = pathname === CONTROL_PATH || pathname.startsWith(`${CONTROL_PATH}/`);
      return isControl ? control.fetch(request) : rest(request);
    };

  return { inProcess: besideControl(talo), onSocket: besideControl(guarded) };
}

function sandboxOf(engine: Engine, control: Control): Sandbox {
  const { inProcess, onSocket } = doors(engine, control);
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
        inProcess(request)
          .then((given) => (isHalf(given) ? asResponse(given, signal) : given))
          .then(resolve, reject)
          .finally(() => signal.removeEventListener('abort', abort));
      });
    },
    async listen(where = {}) {
      const { port = 0, host = '127.0.0.1', allowedHosts = [], publicUrl } = where;
      check('sandbox.listen', ListenSchema, where);
      for (const name of [host, ...allowedHosts]) engine.allowedHosts.add(name);
      if (publicUrl !== undefined) engine.allowedHosts.add(new URL(publicUrl).hostname);
      const bound = await listen(onSocket, port, host);
      const server = { ...bound, url: publicUrl?.replace(/\/+$/, '') ?? bound.url };
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
