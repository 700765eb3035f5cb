import type { Failure, Routes } from '../control/contract.ts';
import { UnreachableError } from './usage.ts';

type Given = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A running sandbox's control API. */
export type Call = <R extends keyof Routes>(route: R, given?: Given) => Promise<Routes[R]['answer']>;

/** @throws UnreachableError; Error with what the sandbox says, where it refuses */
export function callerOf(url: string): Call {
  return async (route, given = {}) => {
    const response = await send(url, route, given);
    const text = await response.text();
    if (!response.ok) throw new Error(explain(text, response.status));
    return JSON.parse(text); // the contract says what it is
  };
}

export async function send(
  url: string,
  route: keyof Routes,
  { params = {}, query = {}, body }: Given,
): Promise<Response> {
  const [method = 'GET', path = ''] = route.split(' ');
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const target = new URL(`/_sandbox${filled}`, url);
  target.search = new URLSearchParams(query).toString();
  try {
    return await fetch(target, {
      method,
      ...(method !== 'GET' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? {}),
      }),
    });
  } catch (error) {
    throw new UnreachableError(
      `No sandbox answers at ${url}. Start one with "talo-sandbox start", or say where it is with --url.`,
      { cause: error },
    );
  }
}

function explain(text: string, status: number): string {
  try {
    const { error }: Partial<Failure> = JSON.parse(text);
    if (error !== undefined) return error.message;
  } catch {
    // not ours: something else listens there
  }
  return `What answers there is no sandbox, or an older one (HTTP ${status}).`;
}
