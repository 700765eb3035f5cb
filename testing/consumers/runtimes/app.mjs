// An application with nothing but what every web-standard runtime has. Bun, Deno and Workers each serve its `fetch`.
import { pesos, TaloClient } from '@talo/core';
import { cvu } from '@talo/core/constraints';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';

/** @param {{ apiUrl: string, userId: string, webhookUrl: string }} config */
export function createApp({ apiUrl, userId, webhookUrl }) {
  const talo = new TaloClient({
    environment: { apiUrl },
    credentials: { userId, clientId: 'sandbox', clientSecret: 'sandbox' },
    webhooks: { url: webhookUrl, secret: 'a secret of at least 32 characters' },
  });
  const paid = [];
  // Workers share nothing but memory between requests, and not even timers: an engine per request works everywhere
  const engine = () =>
    new TaloWebhooks({ client: talo, inbox: memoryInbox(), reconcile: false }).on('payment.paid', (event) => {
      paid.push({ order: event.payment.externalId, centavos: event.payment.received?.centavos });
    });

  return async function answer(request, waitUntil) {
    const { pathname } = new URL(request.url);
    if (pathname === '/webhooks/talo') return engine().fetch(request, { waitUntil });
    if (pathname === '/paid') return Response.json(paid);
    if (pathname === '/orders' && request.method === 'POST') {
      const payment = await talo.payments.create({ externalId: 'order-1', price: pesos('1500.50') });
      return Response.json({ cvu: payment.cvu, valid: cvu.is(payment.cvu) });
    }
    return new Response(null, { status: 404 });
  };
}
