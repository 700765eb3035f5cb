import { formatMoney } from '@talo/core';
import { html } from 'hono/html';
import { notFound } from '../problem.ts';
import { consent, findPartner } from '../state/partners.ts';
import type { Payment } from '../state/records.ts';
import type { World } from '../state/world.ts';
import type { App } from './router.ts';

/** The pages for people, that Talo has on its own host: a partner's consent and a payment's checkout. */
export function addPages(app: App, current: () => World): void {
  app.get('/authorize/:partner_id', (c) => {
    const world = current();
    findPartner(world, c.req.param('partner_id'));
    return c.html(consentPage(world.partner.name, c.req.query('referred_user_id')));
  });

  app.post('/authorize/:partner_id', (c) => {
    const world = current();
    findPartner(world, c.req.param('partner_id'));
    const code = consent(world, c.req.query('referred_user_id') || undefined);
    const back = new URL(world.partner.redirectUri);
    back.searchParams.set('code', code);
    return c.redirect(back.href, 303);
  });

  // the checkout has the path of the API's own GET: a browser asks for HTML and has no token
  app.get('/payments/:payment_id', async (c, next) => {
    const browser =
      c.req.header('accept')?.includes('text/html') && c.req.header('authorization') === undefined;
    if (!browser) return next();
    const id = c.req.param('payment_id');
    const payment = [...current().state.payments.values()].find((candidate) => candidate.id === id);
    if (payment === undefined) throw notFound('payment');
    return c.html(checkoutPage(payment));
  });
}

type Page = ReturnType<typeof html>;

function page(title: string, body: Page): Page {
  return html`<!doctype html>
<html lang="es">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.5 system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style></head>
<body><h1>${title}</h1>${body}<p><small>Sandbox local: acá no se mueve dinero.</small></p></body>
</html>`;
}

function consentPage(partner: string, referredUserId: string | undefined): Page {
  const who = referredUserId === undefined ? '' : html` para <code>${referredUserId}</code>`;
  return page(
    `Conectar con ${partner}`,
    html`<p>${partner} va a poder cobrar transferencias y ver los movimientos de tu cuenta${who}.</p>
<form method="post"><button type="submit">Autorizar</button></form>`,
  );
}

function checkoutPage(payment: Payment): Page {
  return page(
    `Transferí ${formatMoney(payment.price)}`,
    html`<p>Alias: <code>${payment.alias}</code><br>CVU: <code>${payment.cvu}</code></p>
<p>Estado: ${payment.status}. Vence: ${new Date(payment.expiresAt).toISOString()}.</p>`,
  );
}
