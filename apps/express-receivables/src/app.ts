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
  app.use('/webhooks/talo', taloWebhookHandler(webhooks, { path: '/webhooks/talo' }));
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
    if (invoice.status !== 'paid') await askFor(number, motive);
    send(response, books.get(number));
  });

  /** Gives the invoice a CVU that takes money. */
  async function askFor(number: string, motive: string): Promise<void> {
    const { externalId, price, paymentId } = books.toCollect(number);
    try {
      // the same externalId is the same payment at Talo, also when an earlier answer was lost
      const payment = await talo.payments.ensure({ externalId, price: centavos(price), motive });
      books.setPayment(externalId, payment);
    } catch (error) {
      if (!hasEnded(error)) throw error;
      // no notification of the end has come, nor maybe of the money; who never saw its CVU did not pay it
      const ended = paymentId === undefined ? undefined : await talo.payments.get(paymentId);
      books.end(externalId, ended?.received?.centavos ?? 0);
      // it goes on, here or in a PUT at the same time, unless nothing is missing
      if (books.toCollect(number).externalId === externalId) throw error;
      await askFor(number, motive);
    }
  }

  app.get('/invoices', (_request, response) => {
    response.json(books.list().map(show));
  });

  app.get('/invoices/:number', (request, response) => {
    send(response, books.get(request.params.number));
  });

  app.use((_request, response) => void response.status(404).json({ error: 'No such page.' }));
  app.use(onError);
  return app;
}

/** The payment is the one asked for, but it takes no more money. */
function hasEnded(error: unknown): boolean {
  if (!(error instanceof TaloConflictError)) return false;
  const [first, ...others] = error.differences;
  return first?.path === 'status' && others.length === 0;
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
  // Talo refused, or could not be reached: the invoice is written down, so the same PUT goes on from there
  if (TaloError.is(error)) {
    console.error(`${request.method} ${request.path}:`, error);
    return void response.status(502).json({ error: error.code, again: true });
  }
  // what Express refuses by itself: a path that cannot be read, a body that is no JSON, or too large
  if (error?.status >= 400 && error.status < 500) {
    return void response.status(error.status).json({ error: error.message });
  }
  console.error(`${request.method} ${request.path}:`, error);
  // without this line Express would show the stack to whoever asked
  response.status(500).json({ error: 'internal' });
};
