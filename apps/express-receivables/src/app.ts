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
import type { Books, Invoice } from './books.ts';

export interface Parts {
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<SqliteTx, 'sync'>;
  readonly books: Books;
}

export function createApp({ talo, webhooks, books }: Parts): Express {
  const app = express();
  app.use('/webhooks/talo', taloWebhookHandler(webhooks));
  app.use(express.json());

  // PUT with your own number: whoever does not know whether it worked sends it again
  app.put('/invoices/:number', async (request, response) => {
    const { number } = request.params;
    const { customer, amount } = request.body ?? {};
    // nothing that Talo would refuse gets into the books
    const price = pesos(amount);
    const wanted = paymentRequest.parse({ externalId: number, price, motive: `Factura ${number}` });
    books.add({ number, customer: String(customer ?? ''), amount: price.centavos });
    if (books.get(number)?.amount !== price.centavos) {
      response.status(409).json({ error: `Invoice ${number} exists with another amount.` });
      return;
    }
    // the same number is the same payment at Talo, also when an earlier answer was lost
    const payment = await talo.payments.ensure(wanted);
    books.setAddress(number, payment);
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

const onError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof TaloConstraintError) return void response.status(422).json({ issues: error.issues });
  if (error instanceof TaloConflictError) return void response.status(409).json({ error: error.message });
  // Talo refused, or could not be reached: the invoice is written down, so the same PUT goes on from there
  if (TaloError.is(error)) return void response.status(502).json({ error: error.code, again: true });
  next(error);
};
