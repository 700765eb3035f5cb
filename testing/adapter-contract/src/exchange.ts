import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deferred } from './deferred.ts';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  /** By lower-case name, each as often as it came, byte by byte as it came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

type Piece = string | Uint8Array;

export interface Sending {
  readonly method?: string;
  /** Those that are not given are added; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Written one after another, each when the one before has left. */
  readonly body?: Piece | readonly Piece[];
  /** Frames the body in chunks, each piece one, in place of `content-length`. */
  readonly chunked?: true;
  /** The empty line that ends the head leaves with the body: till then the request has only begun to come. */
  readonly unfinished?: true;
}

/** Sends a request over a socket of its own, byte by byte as said, and reads one answer. */
export async function exchange(url: string, sending: Sending = {}): Promise<Answer> {
  const request = await open(url, sending);
  try {
    await request.send();
    return await request.answer;
  } finally {
    request.end();
  }
}

/** A request of which only the head has left, or most of it. */
export interface OpenRequest {
  /** Sends the rest. Whoever refuses a body may hang up on it, so that failing to send is not a failure. */
  send(): Promise<void>;
  readonly answer: Promise<Answer>;
  end(): void;
}

/** Whether anybody takes a connection there. */
export function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Sends the head of a request and, with `expect: 100-continue`, waits until the server has begun with it. */
export async function open(url: string, sending: Sending = {}): Promise<OpenRequest> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const { method = 'POST', chunked } = sending;
  const pieces = [sending.body ?? []]
    .flat()
    .map((piece) => Buffer.from(piece))
    .filter((piece) => piece.length > 0);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const headers = {
    host,
    connection: 'close',
    'content-type': 'application/json',
    ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }),
    ...sending.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const reader = read(socket, method);
  const head = [`${method} ${pathname}${search} HTTP/1.1`, ...lines, ''].join('\r\n');
  const blank = Buffer.from('\r\n');
  socket.write(sending.unfinished ? head : head + blank);
  if (sending.headers?.['expect'] !== undefined) await reader.continued;
  return {
    answer: reader.answer,
    end: () => socket.destroy(),
    async send() {
      const framed = chunked ? [...pieces.map(chunkOf), Buffer.from('0\r\n\r\n')] : pieces;
      for (const piece of sending.unfinished ? [blank, ...framed] : framed) {
        if (socket.destroyed || socket.writableEnded) return;
        await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)));
      }
    },
  };
}

function chunkOf(piece: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
}

function read(socket: Socket, method: string) {
  let data = Buffer.alloc(0);
  const continued = deferred<void>();
  const answer = deferred<Answer>();
  const look = (ended: boolean) => {
    const parsed = parse(data, method, ended);
    if (parsed === undefined) return;
    if (parsed.answer.status === 100) {
      data = data.subarray(parsed.end);
      continued.resolve();
      look(ended);
    } else answer.resolve(parsed.answer);
  };
  socket.on('data', (chunk: Buffer) => {
    data = Buffer.concat([data, chunk]);
    look(false);
  });
  const over = (error?: Error) => {
    look(true);
    const reason = error ?? new Error(`The connection ended after ${data.length} bytes of an answer.`);
    continued.reject(reason);
    answer.reject(reason);
  };
  socket.on('error', over);
  socket.on('close', () => over());
  return { continued: continued.promise, answer: answer.promise };
}

function parse(data: Buffer, method: string, ended: boolean): { answer: Answer; end: number } | undefined {
  const head = data.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [first = '', ...lines] = data.subarray(0, head).toString('latin1').split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  const status = Number(first.split(' ')[1]);
  const start = head + 4;
  const [length] = headers.get('content-length') ?? [];
  const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (bodiless) return { answer: { status, headers, body: Buffer.alloc(0) }, end: start };
  if (headers.has('transfer-encoding')) {
    const body = dechunk(data.subarray(start));
    return body && { answer: { status, headers, body }, end: data.length };
  }
  const end = length === undefined ? data.length : start + Number(length);
  const whole = length === undefined ? ended : data.length >= end;
  return whole ? { answer: { status, headers, body: data.subarray(start, end) }, end } : undefined;
}

function dechunk(data: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = data.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const length = Number.parseInt(data.subarray(at, line).toString('latin1'), 16);
    if (length === 0) return Buffer.concat(chunks);
    const start = line + 2;
    if (data.length < start + length + 2) return undefined;
    chunks.push(data.subarray(start, start + length));
    at = start + length + 2;
  }
}
