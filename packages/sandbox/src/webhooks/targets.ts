/**
 * Why a webhook is not sent to `url`, or `undefined` if it may be.
 * @param anywhere whether hosts other than this machine are fine
 */
export function refusal(url: string, anywhere: boolean): string | undefined {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) return 'not a valid http(s) URL';
  if (target.username !== '' || target.password !== '') return 'a URL with a user or password is not fetched';
  if (anywhere || isLoopback(target.hostname)) return undefined;
  return `${target.hostname} is not this machine; set delivery.allowRemote (--allow-remote) to send there, or give a receiver`;
}

/** Names under `localhost` are this machine by definition (RFC 6761). */
export function isLoopback(hostname: string): boolean {
  return /^(.+\.)?localhost$/.test(hostname) || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Origin and path: the query may hold a secret. */
export function withoutQuery(url: string): string {
  if (!URL.canParse(url)) return url === '' ? '' : '(not a URL)';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
