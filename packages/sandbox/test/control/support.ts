import type { Routes } from '../../src/control/contract.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/index.ts';

export interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

/** Calls a route of the contract: `control('GET /payments/:userId/:id', { userId, id })`. */
export type ControlCall = <R extends keyof Routes>(
  route: R,
  given?: {
    readonly params?: Record<string, string>;
    readonly query?: Record<string, string | number>;
    readonly body?: unknown;
  },
) => Promise<Answered<Routes[R]['answer']>>;

export const BASE = 'http://talo.localhost/_sandbox';

export function controlOf(sandbox: Sandbox): ControlCall {
  return async (route, { params = {}, query = {}, body } = {}) => {
    const [method = '', path = ''] = route.split(' ');
    const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    const response = await sandbox.fetch(`${BASE}${filled}?${search}`, {
      method,
      ...(method !== 'GET' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? {}),
      }),
    });
    // the border: what it is, each test asserts
    return { status: response.status, body: (await response.json()) as never };
  };
}

export interface Started {
  readonly sandbox: Sandbox;
  readonly control: ControlCall;
  /** What reached the application, oldest first. */
  readonly received: { readonly url: string; readonly body: string }[];
}

/** A sandbox on a virtual clock with an application that takes every webhook. */
export function start(options: SandboxOptions = {}): Started {
  const received: Started['received'] = [];
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: async (request) => {
      received.push({ url: request.url, body: await request.text() });
      return new Response('taken', { headers: { 'x-app': 'yes' } });
    },
    ...options,
  });
  return { sandbox, control: controlOf(sandbox), received };
}
