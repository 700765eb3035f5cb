import type { ServerResponse } from 'node:http';
import type { Oddities } from '../oddities.ts';
import { Problem } from '../problem.ts';
import { failure } from './envelope.ts';
import type { ApiFault } from './faults.ts';

/** The connection fails instead of answering. In process `fetch` rejects with it, over HTTP the socket is destroyed. */
export class ConnectionLost extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) });
  }
}

/** What a request gets that is not processed. */
export function cannedAnswer(fault: ApiFault, request: Request, oddities: Oddities): Response | undefined {
  if (fault.effect === 'html') {
    const page = '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>';
    const headers = { 'content-type': 'text/html', ...fault.headers };
    return new Response(typeof fault.body === 'string' ? fault.body : page, {
      status: fault.status ?? 502,
      headers,
    });
  }
  if (fault.effect === 'expire-token' && request.headers.has('authorization')) {
    const problem = new Problem(oddities.expiredTokenStatus, 'auth_error', 'token expired');
    return Response.json(failure(problem), {
      status: oddities.authFailureWith200 ? 200 : problem.status,
      headers: { ...fault.headers },
    });
  }
  if (fault.effect === 'not-readable' && request.method === 'GET') {
    const problem = new Problem(404, 'not_found', 'not found');
    return Response.json(failure(problem), { status: 404, headers: { ...fault.headers } });
  }
  if (fault.status === undefined) return undefined;
  const { body = failure(new Problem(500, codeOf(fault.status), `simulated ${fault.status}`)) } = fault;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response([204, 205, 304].includes(fault.status) ? null : text, {
    status: fault.status,
    headers: { 'content-type': 'application/json', ...fault.headers },
  });
}

function codeOf(status: number): string {
  return status === 401 ? 'auth_error' : status === 429 ? 'too_many_requests' : 'simulated';
}

/** Half of an answer, and then silence (`stall`) or a lost connection (`break`). */
export interface HalfAnswer {
  readonly response: Response;
  readonly half: Uint8Array;
  readonly ending: 'stall' | 'break';
}

/** Not by `instanceof Response`: servers and test environments may put a class of their own in its place. */
export function isHalf(given: Response | HalfAnswer): given is HalfAnswer {
  return 'half' in given;
}

export async function halve(whole: Response, ending: HalfAnswer['ending']): Promise<HalfAnswer> {
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const response = new Response(null, { status: whole.status, headers: whole.headers });
  response.headers.set('content-length', String(bytes.length));
  return { response, half: bytes.slice(0, Math.floor(bytes.length / 2)), ending };
}

/** As `fetch` would give it: a body that hangs or fails while it is read. */
export function asResponse({ response, half, ending }: HalfAnswer, signal: AbortSignal): Response {
  let sent = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (!sent) {
          sent = true;
          controller.enqueue(half);
          return undefined;
        }
        if (ending === 'break') {
          controller.error(new TypeError('terminated', { cause: new Error('other side closed') }));
          return undefined;
        }
        return new Promise((_, reject) => {
          if (signal.aborted) reject(signal.reason);
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: response.status, headers: response.headers });
}

/** The same on a socket. */
export function writeHalf({ response, half, ending }: HalfAnswer, outgoing: ServerResponse): void {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.write(half, () => {
    if (ending === 'break') outgoing.destroy();
  });
}
