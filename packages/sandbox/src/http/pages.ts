import type { Engine } from '../engine.ts';
import { consent, findPartner, returnAddress } from '../state/partners.ts';
import { lapse } from '../state/payments.ts';
import { asProblem, failure } from './envelope.ts';
import { authorizePage } from './pages/authorize.ts';
import { checkoutPage } from './pages/checkout.ts';
import { unknownPage } from './pages/unknown.ts';
import { languageOf } from './pages/words.ts';

/** Answers what is a page for people; `undefined`, at once, for what is Talo's API. */
export type Pages = (request: Request) => Promise<Response> | undefined;

/**
 * The pages for people, that Talo has on its own host: a partner's consent and a payment's checkout. They are beside the
 * API and not part of it: its faults do not meet them, and its log has the application's calls alone.
 */
export function createPages(engine: Engine): Pages {
  function authorize(request: Request, partnerId: string): Response | Promise<Response> {
    const { world } = engine;
    const { pathname, search, searchParams } = new URL(request.url);
    const referredUserId = searchParams.get('referred_user_id') || undefined;
    if (request.method !== 'POST') {
      const language = languageOf(request.headers.get('accept-language') ?? undefined);
      if (partnerId !== world.partner.id) return unknownPage(language);
      return authorizePage(world, referredUserId, language);
    }
    findPartner(world, partnerId);
    // a form on another page must not consent for whoever has this sandbox open: they are asked here
    const site = request.headers.get('sec-fetch-site');
    if (site !== null && site !== 'same-origin' && site !== 'none') return seeOther(`${pathname}${search}`);
    const code = engine.accepted(() => consent(world, referredUserId));
    return seeOther(returnAddress(world.partner.redirectUri, code));
  }

  function checkout(request: Request, id: string): Promise<Response> {
    const { world } = engine;
    const language = languageOf(request.headers.get('accept-language') ?? undefined);
    const payment = [...world.state.payments.values()].find((candidate) => candidate.id === id);
    if (payment === undefined) return unknownPage(language);
    engine.accepted(() => lapse(world, payment));
    return checkoutPage(world, payment, world.clock.kind === 'virtual', language);
  }

  async function answer(run: () => Response | Promise<Response>): Promise<Response> {
    try {
      return await run();
    } catch (error) {
      const problem = asProblem(error);
      if (problem !== error) engine.options.onError(error);
      return Response.json(failure(problem), { status: problem.status });
    }
  }

  return (request) => {
    const { method, headers } = request;
    const { pathname } = new URL(request.url);
    const reads = method === 'GET' || method === 'HEAD';
    // a browser asks for it beside any page
    if (reads && pathname === '/favicon.ico') return Promise.resolve(new Response(null, { status: 204 }));
    const [, partnerId] = /^\/authorize\/([^/]+)$/.exec(pathname) ?? [];
    if (partnerId !== undefined && (reads || method === 'POST')) {
      return answer(() => authorize(request, decode(partnerId)));
    }
    // the checkout has the path of the API's own GET: a browser asks for HTML and has no token
    const browser = headers.get('accept')?.includes('text/html') === true && !headers.has('authorization');
    const [, id] = /^\/payments\/([^/]+)$/.exec(pathname) ?? [];
    return reads && browser && id !== undefined ? answer(() => checkout(request, decode(id))) : undefined;
  };
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // of nothing, then
  }
}
