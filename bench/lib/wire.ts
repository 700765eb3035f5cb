// The sending side of HTTP/1.1, as little of it as there can be: requests are made beforehand, so that what is measured
// is the server. One request at a time per connection; it takes the place of `node:http`, which costs as much as a route.
import { connect, type Socket } from 'node:net';

/** Bytes of a whole request, to be sent as often as needed. */
export function requestBytes(
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const content = Buffer.from(body);
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(content.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), content]);
}

/** As {@link requestBytes}, of a web-standard request. */
export async function bytesOf(request: Request): Promise<Buffer> {
  const { pathname, search } = new URL(request.url);
  return requestBytes(pathname + search, await request.text(), Object.fromEntries(request.headers));
}

/** A kept-alive connection, opened again where the server closed it. */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #text = '';
  #waiting: { resolve(status: number): void; reject(error: Error): void } | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @returns the status of the answer, once all of it is here. Rejects if the server hangs up before. */
  send(request: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#read(chunk));
    const lost = (error?: Error) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#end()?.reject(error instanceof Error ? error : new Error('The server hung up.'));
    };
    socket.once('error', lost).once('close', () => lost());
    return socket;
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const status = completeAnswer(this.#text);
    if (status === undefined) return;
    const closing = /\r\nconnection: close\r\n/i.test(this.#text);
    const ended = this.#end();
    if (closing) {
      const socket = this.#socket;
      this.#socket = undefined;
      socket?.destroy();
    }
    ended?.resolve(status);
  }

  #end() {
    const ended = this.#waiting;
    this.#waiting = undefined;
    this.#text = '';
    return ended;
  }
}

/** The status of an answer that is here as a whole; `undefined` while more is to come. */
function completeAnswer(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const body = head + 4;
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, head + 2))?.[1];
  const complete =
    length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= body + Number(length);
  return complete ? Number(text.slice(9, 12)) : undefined;
}
