import { TaloClient, type TaloClientOptions } from '@talo/core';
import { createSandbox, type Sandbox, type SandboxMerchant, type SandboxOptions } from '@talo/sandbox';
import { onTestFinished } from 'vitest';
// the sandbox's own test helper: holds every request and every answer to its OpenAPI document
import { validatingFetch } from '../../../../packages/sandbox/test/support/validating-fetch.ts';

export const WEBHOOKS = {
  url: 'https://tu-sitio.com/webhooks/talo',
  secret: 'a webhook secret of some length',
} as const;

export interface World {
  readonly sandbox: Sandbox;
  /** A client whose requests and answers are checked; each call makes another process, so to speak. */
  client(options?: TaloClientOptions, merchant?: SandboxMerchant): TaloClient;
  /** The requests that reached the sandbox, as `POST /payments/`. */
  requests(): readonly string[];
}

/** In process, on a clock that only tests move. */
export function inProcess(options: SandboxOptions = {}): World {
  const sandbox = createSandbox({ clock: 'virtual', receiver: () => new Response(), ...options });
  return worldOf(sandbox, { fetch: validatingFetch(sandbox.fetch), clock: sandbox.clock });
}

/** Over sockets, in real time. */
export async function overHttp(options: SandboxOptions = {}): Promise<World> {
  const sandbox = createSandbox({ receiver: () => new Response(), ...options });
  const { close } = await sandbox.listen();
  onTestFinished(close);
  return worldOf(sandbox, { fetch: validatingFetch(fetch) });
}

function worldOf(sandbox: Sandbox, base: TaloClientOptions): World {
  return {
    sandbox,
    client: (options = {}, merchant = sandbox.merchant) =>
      new TaloClient({ random: () => 0, webhooks: WEBHOOKS, ...base, ...merchant, ...options }),
    requests: () => sandbox.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`),
  };
}

export const worlds: [string, () => World | Promise<World>][] = [
  ['in process', inProcess],
  ['over HTTP', overHttp],
];

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`It succeeded with ${JSON.stringify(value)}.`);
    },
    (error: unknown) => error,
  );
}
