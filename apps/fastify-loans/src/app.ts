import {
  addMoney,
  centavos,
  formatMoney,
  pesos,
  type TaloClient,
  TaloConflictError,
  TaloConstraintError,
  TaloError,
} from '@talo/core';
import { customerRequest } from '@talo/core/constraints';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { taloPlugin } from '@talo/fastify';
import type { SqliteTx } from '@talo/inbox-sqlite';
import type { FastifyInstance } from 'fastify';
import type { Books } from './books.ts';
import { type Instalment, settle } from './settle.ts';

export interface Parts {
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<SqliteTx, 'sync'>;
  readonly books: Books;
}

interface WantedBorrower {
  readonly name: string;
  readonly email: string;
  /** The part of the alias after the account's prefix. */
  readonly alias: string;
}

interface WantedLoan {
  readonly borrower: string;
  readonly instalments: readonly { readonly due: string; readonly amount: string }[];
}

const text = { type: 'string', minLength: 1 } as const;
const borrowerSchema = {
  type: 'object',
  required: ['name', 'email', 'alias'],
  properties: { name: text, email: text, alias: text },
} as const;
const loanSchema = {
  type: 'object',
  required: ['borrower', 'instalments'],
  properties: {
    borrower: text,
    instalments: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['due', 'amount'],
        properties: { due: { type: 'string', format: 'date' }, amount: text },
      },
    },
  },
} as const;
type ById = { readonly id: string };

export async function addRoutes(app: FastifyInstance, { talo, webhooks, books }: Parts): Promise<void> {
  await app.register(taloPlugin, { client: talo, webhooks, path: '/webhooks/talo' });

  // PUT with your own ids: whoever does not know whether it worked sends it again
  app.put<{ Params: ById; Body: WantedBorrower }>(
    '/borrowers/:id',
    { schema: { body: borrowerSchema } },
    async ({ params: { id }, body: { name, email, alias } }) => {
      // nothing that Talo would refuse gets into the books
      const wanted = customerRequest.parse({ customerId: id, alias, name, email });
      books.add(id, name);
      // the same id is the same customer at Talo, also when an earlier answer was lost
      const { cvu, alias: whole } = await app.talo.customers.ensure(wanted);
      books.set(id, { name, cvu, alias: whole });
      return show(books, id);
    },
  );

  app.get<{ Params: ById }>('/borrowers/:id', ({ params }, reply) => {
    return show(books, params.id) ?? reply.code(404).send({ error: 'No such borrower.' });
  });

  app.put<{ Params: ById; Body: WantedLoan }>(
    '/loans/:id',
    { schema: { body: loanSchema } },
    async ({ params: { id: loan }, body: { borrower, instalments } }, reply) => {
      if (books.borrower(borrower) === undefined) return reply.code(404).send({ error: 'No such borrower.' });
      const wanted = instalments.map(({ due, amount }, index): Instalment => {
        return { loan, number: index + 1, due, amount: pesos(amount).centavos };
      });
      // less than nothing would pay for the other instalments
      if (wanted.some(({ amount }) => amount <= 0)) {
        return reply.code(422).send({ error: 'An instalment is more than 0.' });
      }
      const same = () => JSON.stringify(books.loanOf(borrower, loan)) === JSON.stringify(wanted);
      if (!books.addLoan(borrower, wanted) && !same()) {
        return reply
          .code(409)
          .send({ error: `Loan ${loan} exists with other instalments, or with another borrower.` });
      }
      return show(books, borrower);
    },
  );

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof TaloConstraintError) return reply.code(422).send({ issues: error.issues });
    if (error instanceof TaloConflictError) return reply.code(409).send({ error: error.message });
    // Talo refused, or could not be reached: the borrower is written down, so the same PUT goes on from there
    if (TaloError.is(error)) {
      request.log.error(error);
      return reply.code(502).send({ error: error.code, again: true });
    }
    throw error;
  });
}

/** A borrower as the outside sees it: where to pay, what is paid, what is left to pay. */
function show(books: Books, id: string) {
  const borrower = books.borrower(id);
  if (borrower === undefined) return undefined;
  const { received, ...rest } = borrower;
  const { instalments, ahead } = settle(books.instalmentsOf(id), received);
  const owed = addMoney(...instalments.map(({ amount, paid }) => centavos(amount - paid)));
  return {
    ...rest,
    received: formatMoney(centavos(received)),
    owed: formatMoney(owed),
    paidAhead: formatMoney(centavos(ahead)),
    instalments: instalments.map(({ amount, paid, ...instalment }) => ({
      ...instalment,
      amount: formatMoney(centavos(amount)),
      paid: formatMoney(centavos(paid)),
    })),
  };
}
