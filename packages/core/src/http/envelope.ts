import { record, text, type Wire } from '../models/read.ts';

/** An answer of Talo, judged: 2xx and no `error` in the body is success (talo-api 3). */
export type Answer =
  | { readonly ok: true; readonly data: Wire | undefined }
  | { readonly ok: false; readonly message: string | undefined; readonly apiCode: string | undefined }
  | 'unreadable';

/**
 * Reads `{ message | status, error, code?, data }`, in which each part may be missing. Anything that is not a JSON
 * object is `unreadable`, except an empty body, which is a success without data.
 */
export function openEnvelope(status: number, body: string): Answer {
  const success = status >= 200 && status < 300;
  if (body.trim() === '' && success) return { ok: true, data: undefined };
  const parsed = parse(body);
  if (parsed === undefined)
    return success ? 'unreadable' : { ok: false, message: undefined, apiCode: undefined };
  const { error, data } = parsed;
  const refused = error !== undefined && error !== null && error !== false && error !== '';
  if (success && !refused) {
    // some answers are documented without their envelope (talo-api 3)
    return { ok: true, data: data === undefined ? parsed : data === null ? undefined : record(data) };
  }
  const message = text(parsed['message']) ?? text(error) ?? text(parsed['detail']);
  return { ok: false, message, apiCode: text(parsed['code']) };
}

function parse(body: string): Wire | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : undefined;
  } catch {
    return undefined;
  }
}
