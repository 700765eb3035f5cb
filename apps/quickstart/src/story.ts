import {
  formatMoney,
  type Money,
  pesos,
  subtractMoney,
  type TaloClient,
  TaloConstraintError,
} from '@talo/core';
import type { TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import type { Sandbox } from '@talo/sandbox';
import type { Timeline } from './timeline.ts';

/** What a stranger pays for a payment that he made in our name: nothing of ours. */
const STRANGERS = pesos(1);

export interface Cast {
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks;
  readonly sandbox: Sandbox;
  readonly timeline: Timeline;
  /** Every event the app's handlers were given, oldest first. */
  readonly events: readonly TaloEvent[];
}

/** The story of Talo's documentation, played for real: every request, transfer and webhook below happens. */
export async function play(cast: Cast): Promise<void> {
  await aCustomerPays(cast);
  await strangersAndEchoes(cast);
  await aPaymentInTwoTransfers(cast);
  await aConfiguration(cast);
  await theBooks(cast);
}

async function aCustomerPays({ talo, webhooks, sandbox, timeline, events }: Cast): Promise<void> {
  timeline.step('A customer gets a CVU and an alias of its own');
  const customer = await talo.customers.create({
    customerId: '123456789',
    alias: 'abcdabcd',
    name: 'Carla Perez',
    email: 'carlaperez@gmail.com',
  });
  timeline.say(`CVU ${customer.cvu} · alias ${customer.alias} · balance ${show(customer.balance)}`);
  timeline.hold(
    'the alias is bami.abcdabcd, as documented',
    customer.alias === 'bami.abcdabcd',
    customer.alias,
  );

  timeline.step('It transfers $ 15.000, and a webhook says so');
  const cvu = customer.cvu ?? '';
  timeline.moved('bank', 'talo', `transfer of ${show(pesos(15000))} to ${cvu}`);
  await talo.faucet.transfer(cvu, pesos(15000));
  await settle(sandbox, webhooks);
  const transfer = events.find((event) => event.type === 'customer.transfer');
  const { gross, net, commission } = transfer?.transaction ?? {};
  timeline.say(
    `customer.transfer · gross ${show(gross)} · commission ${show(commission)} · net ${show(net)}`,
  );
  timeline.hold('what is credited is the gross amount, confirmed by a GET', same(gross, pesos(15000)), gross);
  timeline.hold('gross is net and commission', sums(gross, net, commission), { gross, net, commission });
  const { balance } = await talo.customers.get('123456789');
  timeline.say(`balance ${show(balance)}`);
  const credited = await webhooks.ledger.total({ customerId: '123456789' });
  timeline.hold("the balance is the app's own ledger", same(balance, credited), { balance, credited });
}

async function strangersAndEchoes(cast: Cast): Promise<void> {
  const { sandbox, webhooks, timeline, events } = cast;
  timeline.step('The same webhook comes twice more, and a stranger tries two things');
  const genuine = sandbox.deliveries.find((delivery) => delivery.outcome === 'delivered');
  const url = genuine?.url ?? '';
  const body = genuine?.body ?? {};
  const before = events.length;
  for (let i = 0; i < 2; i++) timeline.moved('talo', 'you', 'the same webhook again', await post(url, body));
  const unsigned = url.split('?', 1)[0] ?? '';
  const forged = { message: 'Pago recibido', transactionId: 'made-up', customerId: '123456789' };
  const answer = await post(unsigned, forged);
  timeline.moved('stranger', 'you', 'a webhook without the signature', answer);
  await settle(sandbox, webhooks);
  timeline.hold('nothing was credited twice', events.length === before, events.length - before);
  timeline.hold('the stranger was refused', answer.startsWith('401'), answer);
  await aStrangersPayment(cast, url);
}

/** Talo lets anybody make a payment in anybody's name, and the webhook about it is genuine. */
async function aStrangersPayment(
  { sandbox, webhooks, timeline, events }: Cast,
  signed: string,
): Promise<void> {
  const { environment, credentials } = sandbox.merchant;
  timeline.say('now it makes a payment of $ 1,00 in your name, for your next order, and pays it');
  timeline.caller = 'stranger';
  const answer = await send(`${environment.apiUrl}/payments/`, {
    user_id: credentials.userId,
    external_id: 'order-1002',
    price: { amount: 1, currency: 'ARS' },
    payment_options: ['transfer'],
    redirect_url: 'https://stranger.example/',
    // the worst case: an address that you gave to Talo for something else, and that has leaked
    webhook_url: signed,
  });
  const { data } = (await answer.json()) as {
    readonly data: { readonly quotes: readonly { alias: string }[] };
  };
  timeline.caller = 'you';
  sandbox.bank.transfer({ to: data.quotes[0]?.alias, amount: STRANGERS });
  await settle(sandbox, webhooks);
  const paid = events.some((event) => event.type === 'payment.paid');
  timeline.hold('Talo says it is paid; the app is told nothing, because it never asked for it', !paid);
}

async function aPaymentInTwoTransfers({ talo, webhooks, sandbox, timeline, events }: Cast): Promise<void> {
  timeline.step('An order of $ 30.000 is paid by two transfers, and the second webhook never comes');
  const payment = await talo.payments.create({
    externalId: 'order-1001',
    price: pesos(30000),
    redirectUrl: 'https://tu-sitio.com/gracias',
    motive: 'Order 1001',
  });
  timeline.say(`${payment.id} · alias ${payment.alias} · to pay ${show(payment.price)}`);
  const paidTimes = () => events.filter((event) => event.type === 'payment.paid').length;

  for (const [amount, status, times] of [
    [18000, 'UNDERPAID', 0],
    [12000, 'SUCCESS', 1],
  ] as const) {
    const lost = status === 'SUCCESS';
    if (lost) sandbox.faults.add({ side: 'webhook', effect: 'drop', times: 1 });
    timeline.moved('bank', 'talo', `transfer of ${show(pesos(amount))} to ${payment.alias}`);
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(amount) });
    await settle(sandbox, webhooks);
    if (lost) {
      timeline.hold('nothing came, so the app does not know', paidTimes() === 0, paidTimes());
      timeline.say('a quarter of an hour passes; the app looks at its open payments by itself');
      sandbox.clock.freeze();
      await sandbox.clock.advance({ minutes: 15 });
      sandbox.clock.run();
      await settle(sandbox, webhooks);
    }
    const last = events.findLast((event) => event.type === 'payment.transfer');
    const now = last?.type === 'payment.transfer' ? last.payment : undefined;
    timeline.say(`${now?.status} · received ${show(now?.received)} of ${show(now?.price)}`);
    timeline.hold(`the payment is ${status}`, now?.status === status, now?.status);
    const told = times === 0 ? 'the app has not been told "paid" yet' : 'the app was told "paid", once';
    timeline.hold(told, paidTimes() === times, paidTimes());
  }
}

async function aConfiguration({ talo, sandbox, timeline }: Cast): Promise<void> {
  timeline.step('A wrong account configuration is refused before anything is sent');
  const sent = sandbox.requests.length;
  const wrong = {
    aliasPrefix: 'Mi-Negocio',
    cancellationPeriod: 0,
    transferTolerance: 20_000,
    payoutSchedule: { address: '0000630500008064475740', frequency: 'hourly' as 'daily' },
  };
  const refusal = await talo.account.update(wrong).catch((error: unknown) => error);
  const issues = refusal instanceof TaloConstraintError ? refusal.issues : [];
  for (const { path, message } of issues) timeline.say(`${path}: ${message}`);
  timeline.hold('all issues are named at once', new Set(issues.map(({ path }) => path)).size === 5, issues);
  timeline.hold('nothing was sent', sandbox.requests.length === sent);

  const account = await talo.account.update({
    aliasPrefix: 'myapp',
    cancellationPeriod: 30,
    transferTolerance: 10,
    payoutSchedule: { address: 'my.withdraw.alias', frequency: 'daily' },
  });
  timeline.say(`${account.status} · prefix ${account.aliasPrefix} · ${account.cancellationPeriod} h`);
  timeline.hold('corrected, it is accepted', account.aliasPrefix === 'myapp', account.aliasPrefix);
}

async function theBooks({ sandbox, webhooks, timeline, events }: Cast): Promise<void> {
  timeline.step('The books');
  const foreign = events.filter((event) => event.type === 'payment.foreign').length;
  timeline.hold(
    "the stranger's payment was found in Talo's ledger, and told as foreign",
    foreign === 1,
    foreign,
  );
  const all = sandbox.bank.total();
  const received = subtractMoney(all, STRANGERS);
  const credited = await webhooks.ledger.total();
  const dead = await webhooks.dead();
  timeline.say(`the bank received ${show(all)}, of which ${show(STRANGERS)} for the stranger's payment`);
  timeline.say(`the app credited ${show(credited)}`);
  timeline.hold('every peso received is credited, each once', same(received, credited), {
    received,
    credited,
  });
  timeline.hold('nothing was given up', dead.length === 0, dead);
}

async function settle(sandbox: Sandbox, webhooks: TaloWebhooks): Promise<void> {
  await sandbox.idle();
  await webhooks.idle();
}

async function post(url: string, body: object): Promise<string> {
  const response = await send(url, body);
  return `${response.status} ${await response.text()}`;
}

function send(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

function show(amount: Money | undefined): string {
  return amount === undefined ? 'unknown' : formatMoney(amount);
}

function same(a: Money | undefined, b: Money | undefined): boolean {
  return a !== undefined && a.centavos === b?.centavos;
}

function sums(gross: Money | undefined, net: Money | undefined, commission: Money | undefined): boolean {
  return gross !== undefined && gross.centavos === (net?.centavos ?? 0) + (commission?.centavos ?? 0);
}
