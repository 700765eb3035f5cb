/** Bytes of a notification: Talo's are a few hundred. */
export const BODY_LIMIT = 16 * 1024;

/**
 * What frameworks hand over: bytes or text as they came, a stream nobody has read yet, or what a parser made of them.
 */
export type BodyInput = string | Uint8Array | AsyncIterable<Uint8Array | string> | object | null | undefined;

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parsed'; readonly value: object }
  | 'too-large';

/** Reads a body once, and no further than the limit. */
export async function readBody(input: BodyInput): Promise<Body> {
  if (typeof input === 'string') return bounded(new TextEncoder().encode(input));
  if (input instanceof Uint8Array) return bounded(input);
  if (input === null || input === undefined) return bounded(new Uint8Array());
  if (!(Symbol.asyncIterator in input)) return { kind: 'parsed', value: input };
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    length += bytes.length;
    if (length > BODY_LIMIT) return 'too-large';
    chunks.push(bytes);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { kind: 'bytes', bytes };
}

function bounded(bytes: Uint8Array): Body {
  return bytes.length > BODY_LIMIT ? 'too-large' : { kind: 'bytes', bytes };
}
