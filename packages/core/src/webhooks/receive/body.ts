/** Bytes of a notification: Talo's are a few hundred. */
const BODY_LIMIT = 16 * 1024;
/** What is read and thrown away of a body that was refused, so that the sender gets to read the answer. */
const DISCARD_LIMIT = 1024 * 1024;

/**
 * What frameworks hand over: bytes or text as they came, a stream nobody has read yet, or what a parser made of them.
 */
export type BodyInput = string | Uint8Array | AsyncIterable<Uint8Array | string> | object | null | undefined;

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parsed'; readonly value: object };

type Headers = Readonly<Record<string, string | undefined>>;

/** Reads a body once, and no further than the limit. A sender that hangs up half-way has sent nothing. */
export async function readBody(
  input: BodyInput,
  headers: Headers,
): Promise<Body | 'too-large' | 'malformed' | 'body-consumed'> {
  if (Number(headers['content-length'] ?? 0) > BODY_LIMIT) return 'too-large';
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') return 'malformed';
  if (typeof input === 'string') return bounded(new TextEncoder().encode(input));
  if (input instanceof Uint8Array) return bounded(input);
  if (input === null || input === undefined) {
    return announced(headers) ? 'body-consumed' : { kind: 'bytes', bytes: new Uint8Array() };
  }
  if (Symbol.asyncIterator in input) {
    const body = await readStream(input as AsyncIterable<Uint8Array | string>);
    // a stream that was read before is just as empty
    const nothing = typeof body === 'object' && body.kind === 'bytes' && body.bytes.length === 0;
    return nothing && Number(headers['content-length'] ?? 0) > 0 ? 'body-consumed' : body;
  }
  const length = headers['content-length'] === undefined ? lengthOf(input) : 0;
  if (length === undefined) return 'malformed';
  return length > BODY_LIMIT ? 'too-large' : { kind: 'parsed', value: input };
}

/** Nobody said how long it was: what became of it shows that, unless it is nested too deeply to be written. */
function lengthOf(parsed: object): number | undefined {
  try {
    return JSON.stringify(parsed).length;
  } catch {
    return undefined;
  }
}

async function readStream(
  input: AsyncIterable<Uint8Array | string>,
): Promise<Body | 'too-large' | 'malformed'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // by hand: `for await` would destroy the stream on the way out, and with it the connection that the answer needs
  const iterator = input[Symbol.asyncIterator]();
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const bytes = typeof next.value === 'string' ? new TextEncoder().encode(next.value) : next.value;
      length += bytes.length;
      if (length > BODY_LIMIT) {
        void discard(iterator);
        return 'too-large';
      }
      chunks.push(bytes);
    }
  } catch {
    return 'malformed';
  }
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return { kind: 'bytes', bytes: only };
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { kind: 'bytes', bytes };
}

/** A connection that is closed on bytes nobody took is reset, and the answer may be lost with it. */
async function discard(iterator: AsyncIterator<Uint8Array | string>): Promise<void> {
  try {
    let left = DISCARD_LIMIT;
    for (let next = await iterator.next(); !next.done && left > 0; next = await iterator.next()) {
      left -= next.value.length;
    }
    await iterator.return?.();
  } catch {
    // the sender hung up
  }
}

function announced(headers: Headers): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

function bounded(bytes: Uint8Array): Body | 'too-large' {
  return bytes.length > BODY_LIMIT ? 'too-large' : { kind: 'bytes', bytes };
}
