import { createHash } from 'node:crypto';
import { createActivity } from './activity.ts';
import { createBackground } from './background.ts';
import { type Bank, createBank } from './bank.ts';
import { check } from './check.ts';
import { realClock, type SandboxClock, virtualClock } from './clock.ts';
import { DEFAULT_SEED } from './documented.ts';
import { asResponse, isHalf } from './http/broken.ts';
import { createFaults, type Faults } from './http/faults.ts';
import { createFront, type JournalEntry } from './http/front.ts';
import { type Listening, listen } from './http/listen.ts';
import { createRouter } from './http/router.ts';
import { createIds } from './ids.ts';
import { createOperator, type Operator } from './operator.ts';
import { resolveOptions, type SandboxOptions } from './options.ts';
import { createRing } from './ring.ts';
import { MerchantOptions } from './schemas/options.ts';
import { addDefaultMerchant, addMerchant, type NewMerchant } from './state/merchants.ts';
import { emptyState, type Merchant } from './state/records.ts';
import type { PartnerSettings, World } from './state/world.ts';
import type { Delivery } from './webhooks/delivery.ts';
import { createSender, type Sender } from './webhooks/sender.ts';

/** A merchant's options for a client: `new TaloClient({ fetch: sandbox.fetch, ...merchant })`. */
export interface SandboxMerchant {
  /** The sandbox's address when read: a made-up host until it listens, the real one from then on. */
  readonly environment: { readonly apiUrl: string; readonly appUrl: string };
  readonly credentials: { readonly userId: string; readonly clientId: string; readonly clientSecret: string };
}

/** A local Talo. */
export interface Sandbox {
  /** The API in process, with the signature of the global `fetch`. Answers for any host and follows no redirect. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The same API and state on 127.0.0.1. Port 0, the default, takes any free one. @throws if the port is taken */
  listen(options?: { readonly port?: number }): Promise<Listening>;
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
  /** The last requests, oldest first. */
  readonly requests: readonly JournalEntry[];
  /** The last webhook attempts, and the notices that were not sent, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** Resolves when no webhook attempt is running or due now. Retries that wait for their time are not waited for. */
  idle(): Promise<void>;
  /** Back to the beginning, except for the clock: no money, no faults, no history, and the same ids again. */
  reset(): void;
}

/** Before it listens, the sandbox has the name of no machine. */
const NOWHERE = 'http://talo.localhost';

/**
 * Begins a local Talo, with nothing in it but the account of Talo's documentation.
 * @throws TaloConfigError for what is no option, and for values that an option does not take
 */
export function createSandbox(given: SandboxOptions = {}): Sandbox {
  const options = resolveOptions(given);
  const activity = createActivity();
  const clock = options.clock === 'virtual' ? virtualClock(options.startAt, activity.settle) : realClock();
  const requests = createRing<JournalEntry>(options.historyLimit);
  const deliveries = createRing<Delivery>(options.historyLimit);
  const faults = createFaults();
  for (const fault of options.faults) faults.add(fault);
  const partner: PartnerSettings = { ...options.partner };
  const listening: Listening[] = [];
  const url = (): string => listening.at(-1)?.url ?? NOWHERE;
  let life = begin();

  function begin(): { world: World; sender: Sender; end: () => void } {
    const background = createBackground(clock);
    const sender = createSender({
      clock,
      activity,
      options: options.delivery,
      receiver: options.receiver,
      schedule: background.schedule,
      record(delivery) {
        deliveries.push(delivery);
        options.onDelivery(delivery);
      },
    });
    const world: World = {
      state: emptyState(),
      clock,
      ids: createIds(options.seed),
      oddities: options.oddities,
      documentedIds: options.seed === DEFAULT_SEED,
      activationDelayMs: options.activationDelayMs,
      partner,
      signingKey: createHash('sha256').update(`signing key\n${options.seed}`).digest('hex'),
      notify: sender.send,
      schedule: background.schedule,
      appUrl: url,
    };
    addDefaultMerchant(world);
    const end = (): void => {
      background.dispose();
      sender.dispose();
    };
    return { world, sender, end };
  }

  const router = createRouter(() => life.world, options.oddities, options.onError);
  const answer = createFront({
    serve: serveRequest,
    faults,
    clock,
    dateSkewMs: options.oddities.dateSkewMs,
    activity,
    record(entry) {
      requests.push(entry);
      options.onRequest(entry);
    },
    requestId: () => life.world.ids.uuid('request'),
  });

  async function serveRequest(request: Request): Promise<Response> {
    const response = await router.fetch(request);
    const changes = request.method !== 'GET';
    if (changes && options.delivery.timing === 'before-response') await life.sender.idle();
    return response;
  }

  function merchantOptions({ userId, clientId, clientSecret }: Merchant): SandboxMerchant {
    return {
      get environment() {
        return { apiUrl: url(), appUrl: url() };
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
    async listen({ port = 0 } = {}) {
      const server = await listen(answer, port);
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
      const [merchant] = life.world.state.merchants.values();
      if (merchant === undefined) throw new Error('The sandbox has no merchant.');
      return merchantOptions(merchant);
    },
    addMerchant(merchant = {}) {
      check('sandbox.addMerchant', MerchantOptions, merchant);
      return merchantOptions(addMerchant(life.world, merchant));
    },
    partner,
    bank: createBank(() => life.world),
    clock,
    faults,
    operator: createOperator(() => life.world),
    get requests() {
      return requests.list();
    },
    get deliveries() {
      return deliveries.list();
    },
    idle: () => life.sender.idle(),
    reset() {
      life.end();
      requests.clear();
      deliveries.clear();
      faults.clear();
      for (const fault of options.faults) faults.add(fault);
      Object.assign(partner, options.partner);
      life = begin();
    },
  };
}
