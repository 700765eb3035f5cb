import { object, text, type Wire } from '../models/read.ts';

/** An answer of Talo, judged: 2xx and no `error` in the body is success (talo-api 3). */
export type Answer =
  | { readonly ok: true; readonly data: Wire | undefined }
  | { readonly ok: false; readonly message: string | undefined; readonly apiCode: string | undefined }
  | 'unreadable';

/**
 * Reads `{ message | status, error, code?, data }`, in which each part may be missing; some answers are documented
 * without their envelope. Anything that is not a JSON object is `unreadable`, except an empty body, which is a success
 * without data.
 */
export function openEnvelope(status: number, body: string): Answer {
  const success = status >= 200 && status < 300;
  const parsed = success && body.trim() === '' ? { data: null } : objectIn(body);
  if (success && !parsed) return 'unreadable';
  const { error, message, code, detail, data, status: word } = parsed ?? {};
  if (success && !error) {
    const bare = data === undefined && error === undefined && message !== 'ok' && word !== 'ok';
    return { ok: true, data: bare ? parsed : object(data) };
  }
  return { ok: false, message: text(message) ?? text(error) ?? text(detail), apiCode: text(code) };
}

function objectIn(body: string): Wire | undefined {
  try {
    return object(JSON.parse(body));
  } catch {
    return undefined;
  }
}
