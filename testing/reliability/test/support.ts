import { type Clock, pesos, TaloClient } from '@talo/core';
import {
  memoryInbox,
  type TaloEvent,
  type TaloEventType,
  TaloWebhooks,
  type TaloWebhooksOptions,
} from '@talo/core/webhooks';
import { createSandbox, type Sandbox, type SandboxOptions } from '@talo/sandbox';

export const SECRET = 'a secret of more than sixteen characters';
const EVENTS: readonly TaloEventType[] = [
  'customer.transfer',
  'payment.transfer',
  'payment.paid',
  'payment.foreign',
  'transfer.reversed',
];

export interface World {
  readonly sandbox: Sandbox;
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<never, never>;
  readonly events: TaloEvent[];
  /** Moves time and lets both sides come to rest. */
  pass(by: { readonly minutes?: number; readonly hours?: number; readonly days?: number }): Promise<void>;
  rest(): Promise<void>;
}

/** A sandbox on a clock that the test moves, and an application beside it that lives in the same time. */
export async function createWorld(
  options: SandboxOptions = {},
  engine: Partial<Omit<TaloWebhooksOptions, 'inbox'>> = {},
): Promise<World> {
  const app: { receive?: (request: Request) => Promise<Response> } = {};
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request) => app.receive?.(request) ?? new Response(null, { status: 503 }),
    ...options,
  });
  const clock: Clock = sandbox.clock;
  const talo = new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    clock,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
  });
  const { webhooks, events } = await goLive({ talo }, engine);
  app.receive = webhooks.fetch;
  const rest = async () => {
    await sandbox.idle();
    await sandbox.clock.advance({ seconds: 3 });
  };
  return {
    sandbox,
    talo,
    webhooks,
    events,
    rest,
    async pass(by) {
      await sandbox.clock.advance(by);
      await rest();
    },
  };
}

/** An engine with an empty store, from this moment on. */
export async function goLive(
  { talo }: Pick<World, 'talo'>,
  engine: Partial<Omit<TaloWebhooksOptions, 'inbox'>> = {},
): Promise<Pick<World, 'webhooks' | 'events'>> {
  const webhooks = new TaloWebhooks<never, never>({
    client: talo,
    inbox: memoryInbox({ bound: 100_000 }),
    logger: { warn() {}, error() {} },
    random: () => 0.5,
    reconcile: { pace: 0 },
    ...engine,
  } as TaloWebhooksOptions<never, never>);
  const events: TaloEvent[] = [];
  webhooks.on(EVENTS, (event) => {
    events.push(event);
  });
  await webhooks.start();
  return { webhooks, events };
}

export const email = 'carlaperez@gmail.com';
export const amount = pesos(15000);
