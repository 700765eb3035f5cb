import { list, record, text } from '../models/read.ts';

/** A secret shorter than this is a word that a message may need. */
const SHORTEST = 8;
/** Tokens, and what follows the `?` of a URL: a signature of ours, or a secret of the application's. */
const SUSPICIOUS = /\b(TL|PAR)-[\w-]{8,}(\.[\w-]+)*|\bBearer\s+\S+|(\?|%3F)\S+/gi;

/** What Talo said, fit for an error: without `secrets`, in whatever it repeats of what it was sent, and short. */
export function redact(said: string, secrets: readonly string[], length: number): string {
  return secrets
    .flatMap((secret) => [secret, String(new URLSearchParams({ '': secret })).slice(1)])
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
    .reduce((left, secret) => left.replaceAll(secret, '[redacted]'), said)
    .replace(SUSPICIOUS, '[redacted]')
    .slice(0, length);
}

/** Failures of which the system says that no connection was made, as Node, Bun and Deno name them. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|CERT_\w+|ERR_TLS_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/;

/**
 * What a rejected `fetch` tells: its system code and nothing else. The error itself is dropped, because it can hold
 * what we sent.
 */
export function networkError(error: unknown): { readonly notSent: boolean; readonly code: string } {
  const codes = codesOf(error, 0);
  return {
    notSent: codes.every((code) => NOT_SENT.test(code)),
    code: codes.find((code) => /^\w{3,40}$/.test(code)) ?? '',
  };
}

/** The codes at the bottom of a failure, one per address that was tried; `''` where there is none. */
function codesOf(error: unknown, depth: number): readonly string[] {
  const { code, cause, errors } = record(error);
  const inner = list(errors).length ? list(errors) : text(code) || !cause ? [] : [cause];
  if (depth > 4 || !inner.length) return [text(code) ?? ''];
  return inner.flatMap((each) => codesOf(each, depth + 1));
}
