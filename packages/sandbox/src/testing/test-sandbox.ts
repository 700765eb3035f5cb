import type { JournalEntry } from '../http/front.ts';
import { openSandbox } from '../open.ts';
import type { SandboxOptions } from '../options.ts';
import type { Sandbox, SandboxMerchant } from '../sandbox.ts';
import type { Delivery, Receiver } from '../webhooks/delivery.ts';
import { SandboxAssertionError } from './assertion.ts';
import { type CreditEntry, differencesOf } from './credits.ts';
import { writeJournal } from './journal.ts';

/** The engine that is tested: `TaloWebhooks` is one. */
export interface EngineUnderTest {
  fetch(
    request: Request,
    options?: { readonly waitUntil?: (work: Promise<unknown>) => void },
  ): Promise<Response>;
  idle(): Promise<void>;
  readonly ledger: { entries(): Promise<readonly CreditEntry[]> };
}

/** As of `createSandbox`, on a virtual clock unless said otherwise. */
export type TestSandboxOptions = Omit<SandboxOptions, 'receiver'>;

export interface DeliveryExpectation {
  /** The id of the payment, customer or account, an external id or a transaction id. Default: any notice. */
  readonly about?: string;
  /** Default: one or more. */
  readonly times?: number;
}

export interface RequestExpectation {
  readonly method?: string;
  /** A beginning of the path, such as `/payments/`. */
  readonly path?: string;
}

/** A sandbox for one test, with an application in the same process. */
export interface TestSandbox {
  readonly sandbox: Sandbox;
  /** For a client beside it: `new TaloClient({ ...t.client })`. */
  readonly client: SandboxMerchant & {
    readonly fetch: Sandbox['fetch'];
    readonly clock: Sandbox['clock'];
  };
  /** From now on every webhook goes to this engine, started or not, and `idle` waits for it too. @returns the engine */
  connect<E extends EngineUnderTest>(engine: E): E;
  /** From now on every webhook goes to this function: an application without our engine. */
  receive(receiver: Receiver): void;
  /** Resolves when the sender, what it reached, and the engine have nothing more to do now. */
  idle(): Promise<void>;
  /** @throws SandboxAssertionError unless an application took it with a 2xx in time */
  expectDelivered(expected?: DeliveryExpectation): readonly Delivery[];
  /** @throws SandboxAssertionError if the API was called since the beginning, or since `forget` */
  expectNoRequests(except?: RequestExpectation): void;
  /**
   * The ledger of the connected engine, or what is given here, holds exactly what the bank moved: each transaction of
   * each payment and customer, or, of those with an entry that names none, the sum.
   * @throws SandboxAssertionError with each difference
   */
  expectCreditsEqualTransfers(ledger?: EngineUnderTest['ledger']): Promise<void>;
  /** Requests and deliveries so far are no longer looked at. */
  forget(): void;
  /** What happened, a line each. In the message of everything above that fails. */
  journal(): string;
  close(): Promise<void>;
}

/** Rounds of waiting for each other; an application that answers each webhook with another one never ends. */
const ROUNDS = 1000;

/** A test lives shortly, and counts what was delivered: more than is kept of a sandbox that runs for days. */
const MOST_HISTORY = 100_000;

/** A fresh sandbox in this process. It needs no socket, no file and no closing. */
export function testSandbox(options: TestSandboxOptions = {}): TestSandbox {
  let receiver: Receiver = () => new Response(null, { status: 503 });
  let connected: EngineUnderTest | undefined;
  const { sandbox, engine } = openSandbox({
    clock: 'virtual',
    historyLimit: MOST_HISTORY,
    ...options,
    receiver: (request) => receiver(request),
  });
  let forgotten: { requests: readonly JournalEntry[]; deliveries: readonly Delivery[] } = {
    requests: [],
    deliveries: [],
  };

  const journal = (): string => writeJournal(engine.history);
  const fail = (message: string): never => {
    throw new SandboxAssertionError(message, journal());
  };

  /** Changes whenever anything happens. */
  const happened = (): number => engine.history.seq;

  return {
    sandbox,
    client: { ...sandbox.merchant, fetch: sandbox.fetch, clock: sandbox.clock },
    connect(engineUnderTest) {
      connected = engineUnderTest;
      // with waitUntil an engine that nobody started works all the same; `idle` is what waits for it
      receiver = (request) =>
        engineUnderTest.fetch(request, { waitUntil: (work) => void work.catch(() => undefined) });
      return engineUnderTest;
    },
    receive(given) {
      connected = undefined;
      receiver = given;
    },
    async idle() {
      for (let round = 0; round < ROUNDS; round++) {
        const before = happened();
        await sandbox.idle();
        await connected?.idle();
        await engine.activity.settle();
        if (happened() === before) return;
      }
      fail(`idle: the application and the sandbox still kept each other busy after ${ROUNDS} rounds.`);
    },
    expectDelivered({ about, times } = {}) {
      const wanted = about === undefined ? 'a webhook' : `a webhook about ${about}`;
      const found = sandbox.deliveries.filter(
        (delivery) =>
          !forgotten.deliveries.includes(delivery) &&
          delivery.outcome === 'delivered' &&
          (about === undefined || Object.values(delivery.body).includes(about)),
      );
      if (times === undefined && found.length === 0) fail(`Expected ${wanted} to be delivered; none was.`);
      if (times !== undefined && found.length !== times) {
        fail(`Expected ${wanted} to be delivered ${times} times; it was ${found.length}.`);
      }
      return found;
    },
    expectNoRequests({ method, path } = {}) {
      const found = sandbox.requests.filter(
        (entry) =>
          !forgotten.requests.includes(entry) &&
          (method === undefined || entry.method === method.toUpperCase()) &&
          (path === undefined || entry.path.startsWith(path)),
      );
      if (found.length === 0) return;
      const lines = found.map((entry) => `  ${entry.method} ${entry.path}  ${entry.status ?? 'lost'}`);
      fail(`Expected no requests; there were ${found.length}:\n${lines.join('\n')}`);
    },
    async expectCreditsEqualTransfers(ledger = connected?.ledger) {
      if (ledger === undefined) return fail('Connect an engine first, or give a ledger.');
      const differences = differencesOf(sandbox, await ledger.entries());
      if (differences.length > 0) {
        fail(`Expected the ledger to hold what the bank moved:\n${differences.join('\n')}`);
      }
    },
    forget() {
      forgotten = { requests: sandbox.requests, deliveries: sandbox.deliveries };
    },
    journal,
    close: () => sandbox.close(),
  };
}

/**
 * Runs a test with a sandbox of its own. When it fails, for whatever reason, what happened in the sandbox is added to
 * the message: `test('…', () => withSandbox({}, async (t) => { … }))`, in any test runner.
 */
export async function withSandbox<T>(
  options: TestSandboxOptions,
  run: (sandbox: TestSandbox) => T | Promise<T>,
): Promise<T> {
  const opened = testSandbox(options);
  try {
    return await run(opened);
  } catch (error) {
    if (error instanceof Error && !(error instanceof SandboxAssertionError))
      tellMore(error, opened.journal());
    throw error;
  } finally {
    await opened.close();
  }
}

/** Jest and node:test show the stack, which holds the message as it was when the error was made. */
function tellMore(error: Error, journal: string): void {
  const { message } = error;
  const more = `${message}\n\n${journal}`;
  const stack = error.stack?.replace(message, () => more);
  error.message = more;
  if (stack !== undefined) error.stack = stack;
}
