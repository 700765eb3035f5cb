import { consent, findPartner, returnAddress } from '../state/partners.ts';
import { lapse } from '../state/payments.ts';
import type { World } from '../state/world.ts';
import { authorizePage } from './pages/authorize.ts';
import { checkoutPage } from './pages/checkout.ts';
import { unknownPage } from './pages/unknown.ts';
import { languageOf } from './pages/words.ts';
import type { App } from './router.ts';

/** The pages for people, that Talo has on its own host: a partner's consent and a payment's checkout. */
export function addPages(app: App, current: () => World): void {
  app.get('/authorize/:partner_id', (c) => {
    const world = current();
    const language = languageOf(c.req.header('accept-language'));
    if (c.req.param('partner_id') !== world.partner.id) return unknownPage(language);
    return authorizePage(world, c.req.query('referred_user_id') || undefined, language);
  });

  app.post('/authorize/:partner_id', (c) => {
    const world = current();
    findPartner(world, c.req.param('partner_id'));
    // a form on another page must not consent for whoever has this sandbox open: they are asked here
    const site = c.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(`${pathname}${search}`, 303);
    }
    const code = consent(world, c.req.query('referred_user_id') || undefined);
    return c.redirect(returnAddress(world.partner.redirectUri, code), 303);
  });

  // the checkout has the path of the API's own GET: a browser asks for HTML and has no token
  app.get('/payments/:payment_id', async (c, next) => {
    const browser =
      c.req.header('accept')?.includes('text/html') && c.req.header('authorization') === undefined;
    if (!browser) return next();
    const world = current();
    const id = c.req.param('payment_id');
    const payment = [...world.state.payments.values()].find((candidate) => candidate.id === id);
    if (payment === undefined) return unknownPage(languageOf(c.req.header('accept-language')));
    lapse(world, payment);
    return checkoutPage(
      world,
      payment,
      world.clock.kind === 'virtual',
      languageOf(c.req.header('accept-language')),
    );
  });
}
