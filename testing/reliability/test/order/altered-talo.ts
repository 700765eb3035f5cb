import type { FetchPort } from '@talo/core';

/** The same numbers for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface WirePayment {
  readonly transactions?: readonly { readonly transaction_id: string }[];
}

/** How answers to GETs of payments and transfers differ from the truth, until it is set to `undefined`. */
export interface Alteration {
  /** Chooses among the answers so far, oldest first: a replica that lags. Default: the last. */
  readonly pick?: (answers: number) => number;
  /** Which of a payment's transactions are left out, though the rest is of today. */
  readonly lacks?: (transactionId: string) => boolean;
}

export interface AlteredTalo {
  readonly fetch: FetchPort;
  now: Alteration | undefined;
}

/** Talo behind replicas: every answer was true once, or is true but for what it leaves out. */
export function alteredTalo(truth: (url: string, init: RequestInit) => Promise<Response>): AlteredTalo {
  const answers = new Map<string, string[]>();
  const talo: AlteredTalo = {
    now: undefined,
    async fetch(url, init) {
      const response = await truth(url, { ...init });
      const { pathname } = new URL(url);
      const altered = init.method === 'GET' && /^\/(payments|customers)\/.+/.test(pathname);
      if (!altered || response.status !== 200) return response;
      const text = await response.text();
      const known = answers.get(pathname) ?? [];
      if (known.at(-1) !== text) known.push(text);
      answers.set(pathname, known);
      const chosen = known[talo.now?.pick?.(known.length) ?? known.length - 1] ?? text;
      return new Response(without(chosen, talo.now?.lacks), { status: 200, headers: response.headers });
    },
  };
  return talo;
}

function without(text: string, lacks: Alteration['lacks']): string {
  if (lacks === undefined) return text;
  const body = JSON.parse(text) as { readonly data: WirePayment };
  const { transactions } = body.data;
  if (transactions === undefined) return text;
  const rest = transactions.filter(({ transaction_id }) => !lacks(transaction_id));
  return JSON.stringify({ ...body, data: { ...body.data, transactions: rest } });
}
