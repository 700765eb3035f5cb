import type { ReceivedRequest } from '../options.ts';
import type { BodyInput } from './body.ts';

/** A request of `node:http`, and what Express and Nest make of it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express: `url` before a router cut its mount path off. */
  readonly originalUrl?: string | undefined;
  readonly headers: ReceivedRequest['headers'];
  /** The bytes, where something kept them: Nest with `rawBody: true`, a `verify` hook of a parser. */
  readonly rawBody?: unknown;
  /** What a parser left: bytes, text, or an object. */
  readonly body?: unknown;
  /** Whether somebody has read from the stream. */
  readonly readableDidRead?: boolean | undefined;
}

/**
 * What `TaloWebhooks.receive` takes, from a request as Node has it: for adapters, and for a server without a framework.
 * The body is what is nearest to the bytes that came: kept bytes, else bytes or text from a parser, else the stream if
 * it is unread, else the parsed object. Changes nothing of the request.
 */
export function nodeRequest(request: NodeRequest): ReceivedRequest {
  const { method = '', url = '', originalUrl = url, headers } = request;
  return { method, url: originalUrl, headers, body: bodyOf(request) };
}

function bodyOf(request: NodeRequest): BodyInput {
  const { rawBody, body, readableDidRead } = request;
  const unread = readableDidRead === false && isStream(request);
  // beside a stream that nobody has read, what is empty has yet to be filled by whoever listens to it
  const holds = (kept: unknown): kept is string | Uint8Array =>
    isText(kept) && !(unread && kept.length === 0);
  if (holds(rawBody)) return rawBody;
  if (holds(body)) return body;
  // a parser that did not feel responsible leaves `{}` behind, or nothing, and the stream as it was
  if (unread) return request;
  return typeof body === 'object' ? body : undefined;
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function isStream(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value;
}
