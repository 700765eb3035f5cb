import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Problem } from '../problem.ts';
import { ConnectionLost, isHalf, writeHalf } from './broken.ts';
import { asProblem, failure } from './envelope.ts';
import type { Front } from './front.ts';

/** The sandbox on a port. */
export interface Listening {
  /** `http://127.0.0.1:4600`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function listen(answer: Front, port: number, host: string): Promise<Listening> {
  const listener = getRequestListener(
    async (request, { outgoing }) => {
      const response = outgoing as ServerResponse; // never HTTP/2 on this server
      try {
        const given = await answer(request);
        if (!isHalf(given)) return given;
        writeHalf(given, response);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        response.destroy();
      }
      return RESPONSE_ALREADY_SENT;
    },
    {
      overrideGlobalObjects: false,
      hostname: host,
      errorHandler(error) {
        // what is no HTTP request at all, such as a broken Host header
        const malformed = error instanceof RequestError;
        const problem = malformed ? new Problem(400, 'bad_request', 'malformed request') : asProblem(error);
        return Response.json(failure(problem), { status: problem.status });
      },
    },
  );
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, port, host)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${nameOf(host)}:${actual}`,
    port: actual,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function nameOf(host: string): string {
  // an address that means all of them is no address to go to
  if (['0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function explain(error: Error, port: number, host: string): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EACCES') {
    const message = `Port ${port} on ${host} needs rights that this user has not. Choose one above 1023.`;
    return Object.assign(new Error(message, { cause: error }), { code });
  }
  if (code !== 'EADDRINUSE') return error;
  const message = `Port ${port} on ${host} is in use. Stop what uses it, choose another port, or 0 for any free one.`;
  return Object.assign(new Error(message, { cause: error }), { code });
}
