import type { FetchPort } from './transport.ts';

/** Talo's answers are kilobytes. What is larger than this is none of them, and must not fill the memory. */
const MAX_LENGTH = 2 ** 24;

/** The text of a body, or `undefined` when it is too long. Reads it piece by piece where `fetch` allows that. */
export async function bodyOf(response: Awaited<ReturnType<FetchPort>>): Promise<string | undefined> {
  const { body } = response;
  if (!isStream(body)) return response.text();
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let text = ''; ; ) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (done) return text;
    if (text.length > MAX_LENGTH) {
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
}

function isStream(body: object | null | undefined): body is ReadableStream<Uint8Array> {
  return !!body && 'getReader' in body;
}
