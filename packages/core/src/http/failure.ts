/** Replaces what is secret in a text of Talo's before it becomes part of an error. */
export type Redact = (text: string, secrets?: readonly string[]) => string;

/** A secret shorter than this is a word that a message may need. */
const SHORTEST = 8;

/** @param own what must never be printed, whatever Talo answers */
export function redactor(own: readonly string[]): Redact {
  return (text, secrets = []) => {
    const hidden = [...own, ...secrets].filter((secret) => secret.length >= SHORTEST);
    const without = hidden.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text);
    return without
      .replace(/\b(TL|PAR)-[\w-]{8,}(\.[\w-]+)*/g, '[redacted]')
      .replace(/\bBearer\s+\S+/gi, '[redacted]')
      .replace(/([?&]talo=)[^&\s"]+/g, '$1[redacted]');
  };
}

/** Failures of which the system says that no connection was made, as Node, Bun and Deno name them. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|CERT_\w+|ERR_TLS_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/;

/**
 * What a rejected `fetch` tells: its system codes and nothing else. The error itself is dropped, because it can hold
 * what we sent.
 */
export function networkError(error: unknown): { readonly notSent: boolean; readonly detail: string } {
  const codes = codesOf(error, 0);
  return { notSent: codes.length > 0 && codes.every((code) => NOT_SENT.test(code)), detail: codes[0] ?? '' };
}

function codesOf(error: unknown, depth: number): readonly string[] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors.flatMap((inner) => codesOf(inner, depth + 1));
  const own = typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_]{2,40}$/.test(code) ? [code] : [];
  return own.length > 0 ? own : codesOf(cause, depth + 1);
}
