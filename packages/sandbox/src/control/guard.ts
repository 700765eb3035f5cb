import { isLoopback } from '../webhooks/targets.ts';
import { ControlProblem } from './problem.ts';

/**
 * Refuses what a page of another site could make a browser send. The control API moves no real money, but it shows
 * credentials and can make this machine send requests.
 *
 * Three doors: the Host must be a name of this machine, or one that was allowed (a DNS name that an attacker points to
 * 127.0.0.1 is not); a browser must say that the request comes from our own pages; and what changes something must be
 * JSON, which a page cannot send elsewhere without asking first.
 * @throws ControlProblem
 */
export function guard(request: Request, allowedHosts: ReadonlySet<string>): void {
  const url = new URL(request.url);
  const { hostname } = url;
  if (!isLoopback(hostname) && !hostname.endsWith('.localhost') && !allowedHosts.has(hostname)) {
    throw new ControlProblem(
      403,
      'cross_site',
      `This sandbox does not answer to the name ${hostname}. Use http://127.0.0.1, or start it with --allow-host ${hostname}.`,
    );
  }
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  // "same-site" is no better than another site: every port of localhost is one
  if (
    (origin !== null && origin !== url.origin) ||
    (site !== null && !['same-origin', 'none'].includes(site))
  ) {
    throw new ControlProblem(
      403,
      'cross_site',
      'The control API takes no requests from pages of other sites.',
    );
  }
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
