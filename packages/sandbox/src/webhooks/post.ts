import type { SandboxClock } from '../clock.ts';
import type { Delivery, Receiver } from './delivery.ts';

/** As much of an answer's body is kept. */
const KEPT_BYTES = 4096;

/** What became of one request to an application. */
export interface Answer {
  readonly outcome: Delivery['outcome'];
  readonly status?: number;
  readonly reason?: string;
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly answer?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** By how much the answer was late on its way. */
  readonly slowMs?: number;
}

export interface Letter {
  readonly url: string;
  readonly body: string;
  readonly timeoutMs: number;
  /** The answer reaches Talo so much later. It is counted and not waited for, so that `idle` needs no clock. */
  readonly slowMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export type Post = (letter: Letter) => Promise<Answer>;

/** Posts to where a webhook goes, and waits for as long as Talo does. */
export function createPost(clock: SandboxClock, receiver: Receiver | undefined): Post {
  /** On the sandbox's clock, and on the machine's too, for a receiver that hangs while the sandbox's stands still. */
  function cutOff(ms: number, run: () => void): () => void {
    const timer = clock.setTimeout(run, ms);
    const fallback = setTimeout(run, ms);
    return () => {
      clock.clearTimeout(timer);
      clearTimeout(fallback);
    };
  }

  return async ({ url, body, timeoutMs, slowMs, headers }) => {
    const abort = new AbortController();
    const tooLate = `no answer within ${timeoutMs} ms`;
    const cut = cutOff(timeoutMs, () => abort.abort(new Error(tooLate)));
    const requestHeaders = { 'content-type': 'application/json', 'user-agent': 'Talo-Sandbox', ...headers };
    const aborted = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason));
    });
    aborted.catch(() => undefined); // nobody may be waiting for it any more
    try {
      const request = new Request(url, {
        method: 'POST',
        headers: requestHeaders,
        body,
        redirect: 'manual', // or a neighbour could send it on to anywhere
      });
      // made with a signal, each request would stay in memory until a whole collection
      Object.defineProperty(request, 'signal', { value: abort.signal });
      const response = await Promise.race([
        receiver === undefined ? fetch(request, { signal: abort.signal }) : receiver(request),
        aborted,
      ]);
      const answer = {
        headers: Object.fromEntries(response.headers),
        // one that breaks off was given all the same
        body: await Promise.race([beginning(response), aborted]).catch(() => ''),
      };
      const seen = { status: response.status, requestHeaders, answer, slowMs };
      if (abort.signal.aborted) {
        return { outcome: 'timeout', reason: `its body had not ended within ${timeoutMs} ms`, ...seen };
      }
      if (slowMs >= timeoutMs) {
        return { outcome: 'timeout', reason: `${tooLate}: it took ${slowMs} ms longer on its way`, ...seen };
      }
      return { outcome: response.ok ? 'delivered' : 'rejected', ...seen };
    } catch (error) {
      return {
        outcome: abort.signal.aborted ? 'timeout' : 'failed',
        reason: describe(error),
        requestHeaders,
      };
    } finally {
      cut();
    }
  };
}

async function beginning(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < KEPT_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, KEPT_BYTES));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
