import type { z } from 'zod';
import type { Engine } from '../engine.ts';
import { present } from '../present.ts';
import type { ScenarioName, Scenarios } from '../scenarios/scenarios.ts';
import type { Settings } from '../settings.ts';
import { creditedTotal } from '../state/bank.ts';
import type { Fixture } from '../state/changes.ts';
import { findCustomer } from '../state/customers.ts';
import { addMerchant, findMerchant } from '../state/merchants.ts';
import { findPayment } from '../state/payments.ts';
import type { Merchant } from '../state/records.ts';
import { VERSION } from '../version.ts';
import * as actions from './actions.ts';
import type * as contract from './contract.ts';
import * as lists from './lists.ts';
import { notFound } from './problem.ts';
import { bodies, queries } from './schemas.ts';
import type { Snapshots } from './snapshots.ts';
import * as views from './views.ts';

export interface ControlParts {
  readonly engine: Engine;
  readonly scenarios: Scenarios;
  readonly snapshots: Snapshots;
}

export interface Call<Body, Query> {
  /** Decoded. */
  param(name: string): string;
  readonly body: Body;
  readonly query: Query;
}

/** One route: what it takes, what it does, and what it answers. */
export interface Route<Answer> {
  readonly summary: string;
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  /** `body` and `query` have been checked against their schemas. */
  handle(call: Call<unknown, unknown>): Answer | Promise<Answer>;
}

/** What is answered with JSON. */
export type RouteName = Exclude<keyof contract.Routes, 'GET /events' | 'GET /openapi.json'>;

export type Routes = { readonly [Name in RouteName]: Route<contract.Routes[Name]['answer']> };

const nothing: contract.Empty = {};

/** Each handler is typed against its own schemas. */
function route<Answer, Body extends z.ZodType, Query extends z.ZodType>(given: {
  readonly summary: string;
  readonly body?: Body;
  readonly query?: Query;
  handle(call: Call<z.output<Body>, z.output<Query>>): Answer | Promise<Answer>;
}): Route<Answer> {
  return {
    summary: given.summary,
    body: given.body,
    query: given.query,
    handle: (call) => given.handle(call as Call<z.output<Body>, z.output<Query>>),
  };
}

export function createRoutes({ engine, scenarios, snapshots }: ControlParts): Routes {
  const { clock, faults, settings, history, partner } = engine;

  function merchantOf(userId: string): Merchant {
    return findMerchant(engine.world, userId);
  }

  function viewMerchant(merchant: Merchant): contract.Merchant {
    const counts = views.countByUser(engine.world.state).get(merchant.userId);
    return views.viewMerchant(merchant, counts ?? { payments: 0, customers: 0 });
  }

  function changed(what: 'merchants' | 'partner' | 'settings' | 'snapshots'): void {
    history.signal({ type: 'changed', what });
  }

  return {
    'GET /status': route({
      summary: 'What this sandbox is, and how much is in it',
      handle: () => statusOf(engine, scenarios),
    }),
    'POST /credits': route({
      summary: 'An application says that it credited money',
      body: bodies.Credit,
      handle({ body }) {
        actions.noteCredit(engine, body);
        return nothing;
      },
    }),

    'GET /merchants': route({
      summary: 'Accounts',
      query: queries.Merchants,
      handle: ({ query }) => lists.listMerchants(engine, query),
    }),
    'POST /merchants': route({
      summary: 'Add an account',
      body: bodies.NewMerchant,
      handle({ body }) {
        const merchant = engine.accepted(() => addMerchant(engine.world, present(body)));
        changed('merchants');
        return viewMerchant(merchant);
      },
    }),
    'GET /merchants/:userId': route({
      summary: 'An account',
      handle: ({ param }) => viewMerchant(merchantOf(param('userId'))),
    }),
    'PATCH /merchants/:userId': route({
      summary: "Change an account's status or configuration, or revoke its credentials",
      body: bodies.MerchantChange,
      handle({ param, body }) {
        const merchant = merchantOf(param('userId'));
        engine.accepted(() => actions.changeMerchant(engine, merchant, body));
        changed('merchants');
        return viewMerchant(merchant);
      },
    }),
    'POST /merchants/:userId/payouts': route({
      summary: 'Pay out an amount, or the whole balance',
      body: bodies.Payout,
      handle({ param, body }) {
        const merchant = merchantOf(param('userId'));
        engine.accepted(() => actions.payMerchantOut(engine, merchant, body.amount));
        changed('merchants');
        return viewMerchant(merchant);
      },
    }),

    'GET /partner': route({ summary: 'The partner', handle: () => views.viewPartner(engine) }),
    'PATCH /partner': route({
      summary: 'Change what Talo has on file for the partner',
      body: bodies.PartnerChange,
      handle({ body }) {
        if (body.webhookUrl !== undefined) partner.webhookUrl = body.webhookUrl ?? undefined;
        if (body.redirectUri !== undefined) partner.redirectUri = body.redirectUri;
        engine.touch();
        changed('partner');
        return views.viewPartner(engine);
      },
    }),
    'POST /partner/onboard': route({
      summary: "A merchant consents: what the partner's authorize page does",
      body: bodies.Onboarding,
      handle({ body }) {
        const { merchant, ...rest } = engine.accepted(() => actions.onboard(engine, body));
        changed('merchants');
        return { merchant: viewMerchant(merchant), ...rest };
      },
    }),

    'GET /payments': route({
      summary: 'Payments',
      query: queries.Payments,
      handle: ({ query }) => lists.listPayments(engine, query),
    }),
    'POST /payments': route({
      summary: 'Create a payment, as an application would',
      body: bodies.NewPayment,
      handle({ body }) {
        return views.viewPaymentDetail(
          engine,
          engine.accepted(() => actions.newPayment(engine, body)),
        );
      },
    }),
    'GET /payments/:userId/:id': route({
      summary: 'A payment and its timeline',
      handle: ({ param }) =>
        views.viewPaymentDetail(engine, findPayment(engine.world, param('userId'), param('id'))),
    }),
    'PATCH /payments/:userId/:id': route({
      summary: 'Change the status, the price or the expiry of a payment',
      body: bodies.PaymentChange,
      handle({ param, body }) {
        const payment = findPayment(engine.world, param('userId'), param('id'));
        engine.accepted(() => actions.changePayment(engine, payment, body));
        return views.viewPaymentDetail(engine, payment);
      },
    }),

    'GET /customers': route({
      summary: 'Customers',
      query: queries.Customers,
      handle: ({ query }) => lists.listCustomers(engine, query),
    }),
    'POST /customers': route({
      summary: 'Create a customer, as an application would',
      body: bodies.NewCustomer,
      handle({ body }) {
        return views.viewCustomerDetail(
          engine,
          engine.accepted(() => actions.newCustomer(engine, body)),
        );
      },
    }),
    'GET /customers/:userId/:id': route({
      summary: 'A customer and its timeline',
      handle: ({ param }) =>
        views.viewCustomerDetail(engine, findCustomer(engine.world, param('userId'), param('id'))),
    }),

    'GET /accounts': route({
      summary: 'Every CVU that takes transfers',
      query: queries.Accounts,
      handle: ({ query }) => lists.listAccounts(engine, query),
    }),
    'GET /transfers': route({
      summary: 'What the bank moved',
      query: queries.Transfers,
      handle: ({ query }) => lists.listTransfers(engine, query),
    }),
    'POST /transfers': route({
      summary: 'Send money to a CVU or alias',
      body: bodies.NewTransfer,
      async handle({ body }) {
        const made = await actions.transfer(engine, body);
        return { transfers: made.map((transfer) => views.viewTransfer(engine, transfer)) };
      },
    }),
    'POST /transfers/:id/reverse': route({
      summary: 'Take a transfer back',
      body: bodies.Empty,
      handle: ({ param }) =>
        views.viewTransfer(
          engine,
          engine.accepted(() => actions.reverseTransfer(engine, param('id'))),
        ),
    }),

    'GET /notices': route({
      summary: 'Webhooks, with every attempt',
      query: queries.Notices,
      handle: ({ query }) => lists.listNotices(engine, query),
    }),
    'GET /notices/:id': route({
      summary: 'A webhook, with every attempt',
      handle: ({ param }) => views.viewNotice(actions.findNotice(engine, param('id'))),
    }),
    'POST /notices/:id/replay': route({
      summary: 'Send a webhook again, once or many times, there or elsewhere',
      body: bodies.Replay,
      handle({ param, body }) {
        const notices = actions.replay(engine, actions.findNotice(engine, param('id')), body);
        return { notices: notices.map(views.viewNotice) };
      },
    }),
    'POST /notices/reorder': route({
      summary: 'Send several webhooks again in another order',
      body: bodies.Reorder,
      handle: ({ body }) => ({ notices: actions.reorder(engine, body).map(views.viewNotice) }),
    }),
    'POST /notices/forge': route({
      summary: 'Send a webhook that Talo never sent',
      body: bodies.Forgery,
      handle: ({ body }) => ({ notices: actions.forge(engine, body).map(views.viewNotice) }),
    }),

    'GET /requests': route({
      summary: 'Requests that the API got',
      query: queries.Requests,
      handle: ({ query }) => lists.listRequests(engine, query),
    }),
    'GET /requests/:id': route({
      summary: 'A request and its answer, secrets masked',
      handle({ param }) {
        const exchange = history.exchanges.list().find(({ entry }) => entry.id === param('id'));
        if (exchange === undefined) throw notFound(`request ${param('id')} any more`);
        return views.viewRequestDetail(engine, exchange);
      },
    }),
    'DELETE /requests': route({
      summary: 'Forget the requests so far',
      body: bodies.Empty,
      handle() {
        history.exchanges.clear();
        return nothing;
      },
    }),

    'GET /faults': route({
      summary: 'The faults in force',
      handle: () => ({ faults: faults.entries.map(viewFault) }),
    }),
    'POST /faults': route({
      summary: 'Add a fault',
      body: bodies.Fault,
      // the book checks it, and says what is wrong with it
      handle: ({ body }) => viewFault(faults.put(body as Parameters<typeof faults.put>[0])),
    }),
    'DELETE /faults/:id': route({
      summary: 'Take a fault away',
      body: bodies.Empty,
      handle({ param }) {
        if (!faults.remove(param('id'))) throw notFound(`fault ${param('id')}`);
        return nothing;
      },
    }),
    'DELETE /faults': route({
      summary: 'Take every fault away',
      body: bodies.Empty,
      handle() {
        faults.clear();
        return nothing;
      },
    }),

    'GET /scenarios': route({
      summary: 'Scenarios, and how far those are that run',
      handle: () => ({ scenarios: scenarios.list }),
    }),
    'POST /scenarios/:name': route({
      summary: 'Begin a scenario, with its parameters',
      body: bodies.ScenarioParameters,
      handle: ({ param, body }) => scenarios.run(param('name') as ScenarioName, body),
    }),
    'DELETE /scenarios/:name': route({
      summary: 'Stop a scenario',
      body: bodies.Empty,
      handle: ({ param }) => scenarios.stop(param('name') as ScenarioName),
    }),

    'GET /clock': route({ summary: 'What time it is here', handle: () => views.viewClock(engine) }),
    'POST /clock/freeze': route({
      summary: 'Stop time',
      body: bodies.Empty,
      handle() {
        clock.freeze();
        return views.viewClock(engine);
      },
    }),
    'POST /clock/advance': route({
      summary: 'Move time forward, with everything that is due on the way',
      body: bodies.Duration,
      async handle({ body }) {
        await clock.skip(body);
        return views.viewClock(engine);
      },
    }),
    'POST /clock/run': route({
      summary: 'Let time run again',
      body: bodies.Empty,
      handle() {
        clock.run();
        return views.viewClock(engine);
      },
    }),

    'GET /settings': route({
      summary: 'Switches and how webhooks are sent',
      handle: () => views.viewSettings(engine),
    }),
    'PATCH /settings': route({
      summary: 'Change switches, or how webhooks are sent',
      body: bodies.SettingsChange,
      handle({ body }) {
        // the settings check it, and say what is wrong with it
        settings.change(body as Parameters<Settings['change']>[0]);
        engine.touch();
        changed('settings');
        return views.viewSettings(engine);
      },
    }),

    'POST /reset': route({
      summary: 'Back to the beginning',
      body: bodies.Empty,
      handle() {
        engine.reset();
        return statusOf(engine, scenarios);
      },
    }),
    'GET /snapshots': route({
      summary: 'Snapshots, kept in memory',
      handle: () => ({ snapshots: snapshots.list }),
    }),
    'POST /snapshots': route({
      summary: 'Keep the state as it is now',
      body: bodies.NewSnapshot,
      handle({ body }) {
        const snapshot = snapshots.take(body.name);
        changed('snapshots');
        return snapshot;
      },
    }),
    'POST /snapshots/:name/restore': route({
      summary: 'Go back to a snapshot',
      body: bodies.Empty,
      handle({ param }) {
        snapshots.restore(param('name'));
        return statusOf(engine, scenarios);
      },
    }),
    'DELETE /snapshots/:name': route({
      summary: 'Forget a snapshot',
      body: bodies.Empty,
      handle({ param }) {
        snapshots.remove(param('name'));
        changed('snapshots');
        return nothing;
      },
    }),
    'GET /export': route({
      summary: 'Everything as one document',
      handle: (): contract.Fixture => ({ ...engine.snapshot() }),
    }),
    'POST /import': route({
      summary: 'Go on from an exported document',
      body: bodies.Fixture,
      handle({ body }) {
        // the schema asks for an object alone: restore believes nothing, and reads every part itself
        engine.restore(body as unknown as Fixture);
        return statusOf(engine, scenarios);
      },
    }),
  };
}

function viewFault(entry: Engine['faults']['entries'][number]): contract.ActiveFault {
  const { id, met, scenario } = entry;
  return {
    id,
    // the same data, which nobody changes; the contract's is for writing too
    fault: structuredClone(entry.fault) as contract.Fault,
    met,
    ...present({ left: leftOf(entry), scenario }),
  };
}

/** How often it will strike yet; `undefined`: for ever. */
function leftOf({ fault, met }: Engine['faults']['entries'][number]): number | undefined {
  return fault.times === undefined ? undefined : Math.max(0, fault.times - met);
}

function statusOf(engine: Engine, scenarios: Scenarios): contract.Status {
  const { state } = engine.world;
  const { history, storagePath, options, settings } = engine;
  const [first] = state.merchants.values();
  return {
    version: VERSION,
    url: engine.url(),
    seed: engine.seed,
    ...present({ storage: storagePath }),
    startedAt: new Date(engine.startedAt).toISOString(),
    clock: views.viewClock(engine),
    counts: {
      merchants: state.merchants.size,
      payments: state.payments.size,
      customers: state.customers.size,
      transfers: state.transfers.length,
      notices: history.notices.size,
      requests: history.exchanges.size,
      faults: engine.faults.entries.filter((entry) => leftOf(entry) !== 0).length,
    },
    total: creditedTotal(state.transfers),
    scenarios: scenarios.list.filter(({ running }) => running).map(({ name }) => name),
    merchant: {
      userId: first?.userId ?? '',
      clientId: first?.clientId ?? '',
      clientSecret: first?.clientSecret ?? '',
    },
    limits: { answerMs: settings.delivery.timeoutMs ?? 3000, history: options.historyLimit },
    seq: history.seq,
  };
}
