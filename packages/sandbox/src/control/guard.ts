import { isIP } from 'node:net';
import { isLoopback } from '../webhooks/targets.ts';
import { ControlProblem } from './problem.ts';

/** The name that containers have for this machine. Like `localhost`, it is reserved: nobody can point it elsewhere. */
const FROM_CONTAINERS = 'host.docker.internal';

/**
 * Why a request is not for us: a page of another site could make a browser send it. No real money moves here, but there
 * are credentials to be read, and this machine can be made to send requests.
 *
 * Two doors. The Host must be an address, a name of this machine or one that was allowed; a DNS name that an attacker
 * points to 127.0.0.1 is none of these. And a browser must say that the request comes from our own pages; a program that
 * is no browser says nothing of the kind.
 */
export function foreign(request: Request, allowedHosts: ReadonlySet<string>): string | undefined {
  const url = new URL(request.url);
  const { hostname } = url;
  const known =
    isLoopback(hostname) ||
    isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 ||
    hostname === FROM_CONTAINERS ||
    allowedHosts.has(hostname);
  if (!known) {
    return `This sandbox does not answer to the name ${hostname}. Use http://127.0.0.1, or start it with --allow-host ${hostname}.`;
  }
  // "same-site" is no better than another site: every port of localhost is one
  const origin = request.headers.get('origin') ?? url.origin;
  const site = request.headers.get('sec-fetch-site');
  const ours = site === null ? origin === url.origin : ['same-origin', 'none'].includes(site);
  return ours || isVisit(request) ? undefined : 'The sandbox takes no requests from pages of other sites.';
}

/**
 * Somebody comes from elsewhere to a page of ours: a payer from a shop, a merchant from a partner. The page they come
 * from learns nothing. A form that was sent to the consent is answered with the page that asks.
 */
function isVisit({ headers, url, method }: Request): boolean {
  if (!headers.has('sec-fetch-site') || (headers.get('sec-fetch-mode') ?? 'navigate') !== 'navigate')
    return false;
  const { pathname } = new URL(url);
  if (/^\/authorize\/[^/]+$/.test(pathname)) return true;
  return method === 'GET' && (pathname === '/' || /^\/payments\/[^/]+$/.test(pathname));
}

/**
 * Refuses what is not for the control API: what is foreign, and what changes something and is not JSON, which a page
 * cannot send elsewhere without asking first.
 * @throws ControlProblem
 */
export function guard(request: Request, allowedHosts: ReadonlySet<string>): void {
  const reason = foreign(request, allowedHosts);
  if (reason !== undefined) throw new ControlProblem(403, 'cross_site', reason);
  const { method } = request;
  if (method === 'GET' || method === 'HEAD') return;
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ControlProblem(
      415,
      'unsupported_media_type',
      'Send Content-Type: application/json, also with an empty body ({}).',
    );
  }
}
