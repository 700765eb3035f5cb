import {
  centavos,
  formatMoney,
  pesos,
  type TaloClient,
  TaloConflictError,
  TaloConstraintError,
  TaloError,
} from '@talo/core';
import { paymentRequest } from '@talo/core/constraints';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { taloWebhookHandler } from '@talo/express';
import type { SqliteTx } from '@talo/inbox-sqlite';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import { ATTEMPT, type Books, type Invoice } from './books.ts';

export interface Parts {
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<SqliteTx, 'sync'>;
  readonly books: Books;
}

export function createApp({ talo, webhooks, books }: Parts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/webhooks/talo', taloWebhookHandler(webhooks));
  app.use(express.json());

  // PUT with your own number: whoever does not know whether it worked sends it again
  app.put('/invoices/:number', async (request, response) => {
    const { number } = request.params;
    const { customer, amount } = request.body ?? {};
    if (typeof customer !== 'string' || customer.trim() === '' || number.includes(ATTEMPT)) {
      const error = `An invoice has a customer, and a number without ${ATTEMPT}.`;
      return void response.status(422).json({ error });
    }
    // nothing that Talo would refuse gets into the books
    const motive = `Factura ${number}`;
    const { price } = paymentRequest.parse({ externalId: number, price: pesos(amount), motive });
    books.add({ number, customer, amount: price.centavos });
    const invoice = books.get(number);
    if (invoice?.amount !== price.centavos || invoice.customer !== customer) {
      const error = `Invoice ${number} exists, with another amount or customer.`;
      return void response.status(409).json({ error });
    }
    if (invoice.status !== 'paid') {
      // the same externalId is the same payment at Talo, also when an earlier answer was lost
      const { externalId, price } = books.toCollect(number);
      books.setAddress(
        externalId,
        await talo.payments.ensure({ externalId, price: centavos(price), motive }),
      );
    }
    send(response, books.get(number));
  });

  app.get('/invoices', (_request, response) => {
    response.json(books.list().map(show));
  });

  app.get('/invoices/:number', (request, response) => {
    send(response, books.get(request.params.number));
  });

  app.use(onError);
  return app;
}

function send(response: Response, invoice: Invoice | undefined): void {
  if (invoice === undefined) response.status(404).json({ error: 'No such invoice.' });
  else response.json(show(invoice));
}

function show({ amount, received, ...invoice }: Invoice) {
  return { ...invoice, amount: formatMoney(centavos(amount)), received: formatMoney(centavos(received)) };
}

const onError: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof TaloConstraintError) return void response.status(422).json({ issues: error.issues });
  if (error instanceof TaloConflictError) return void response.status(409).json({ error: error.message });
  // what Express refuses by itself: a body that is no JSON, or too large
  if (error.expose === true) return void response.status(error.status).json({ error: error.message });
  console.error(`${request.method} ${request.path}:`, error);
  // Talo refused, or could not be reached: the invoice is written down, so the same PUT goes on from there
  if (TaloError.is(error)) return void response.status(502).json({ error: error.code, again: true });
  // without this line Express would show the stack to whoever asked
  response.status(500).json({ error: 'internal' });
};
