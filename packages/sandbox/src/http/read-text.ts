import { Problem } from '../problem.ts';

const LIMIT = 256 * 1024;

/**
 * The body of a request. Read here and not by a middleware: those put a new Request in its place, made of the old one,
 * which need not be of the same class.
 * @throws Problem 413 at the end of what is too large: a connection closed before its sender is done loses the answer
 */
export async function readText(request: Request, limit = LIMIT): Promise<string> {
  if (request.body === null) return '';
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size <= limit) chunks.push(next.value);
  }
  if (size > limit) throw new Problem(413, 'payload_too_large', `body is larger than ${limit} bytes`);
  return new TextDecoder().decode(Buffer.concat(chunks));
}
