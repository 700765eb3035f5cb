// What is kept of requests is shown to whoever looks at the sandbox, and gets pasted into issues and chats.

const SECRET_NAME = /secret|token|authorization|cookie|password|api-?key/i;
const TOKEN = /\b(TL|PAR)-[\w-]+\.[\w-]+\.[\w-]+/g;
const SECRET_FIELD =
  /("(?:client_secret|secret|token|access_token|code|password)"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)/g;
const QUERY = /(https?:\/\/[^\s"\\?#]+\?)[^\s"\\]+/g;

export function maskedHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) {
    shown[name] = SECRET_NAME.test(name) ? maskCredential(value) : value;
  }
  return shown;
}

/** `Bearer TL-…`: enough to see what kind of credential it was. */
function maskCredential(value: string): string {
  const kind = /^(Bearer|Basic)?\s*(TL-|PAR-)?/i.exec(value)?.[0] ?? '';
  return `${kind}…`;
}

/** A body, without tokens, secrets, and what stands in the query of a URL. */
export function maskText(text: string): string {
  return text.replace(TOKEN, '$1-…').replace(SECRET_FIELD, '$1"…"').replace(QUERY, '$1…');
}

/** Path and query of a request. */
export function maskTarget(target: string): string {
  return target.replace(TOKEN, '$1-…').replace(/([?&](?:code|[^=&]*(?:secret|token)[^=&]*)=)[^&]*/gi, '$1…');
}
