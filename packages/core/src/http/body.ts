import type { FetchPort } from './transport.ts';

/** Talo's answers are kilobytes. What is larger than this is none of them, and must not fill the memory. */
const MAX_LENGTH = 2 ** 24;

/** The text of a body, or `undefined` when it is too long. Reads it piece by piece where `fetch` allows that. */
export async function bodyOf(response: Awaited<ReturnType<FetchPort>>): Promise<string | undefined> {
  const { body } = response;
  if (!isIterable(body)) return response.text();
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_LENGTH) return undefined;
  }
  return text + decoder.decode();
}

function isIterable(body: object | null | undefined): body is AsyncIterable<Uint8Array> {
  return !!body && Symbol.asyncIterator in body;
}
