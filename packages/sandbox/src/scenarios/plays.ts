import { centavos, type Money } from '@talo/core';
import { customerNotice } from '../state/bank.ts';
import { addMerchant, revoke } from '../state/merchants.ts';
import { paymentNotice, receivedBy } from '../state/payments.ts';
import type { Payment } from '../state/records.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;

interface Words {
  readonly es: string;
  readonly en: string;
}

/** A scenario as it is written: what it is called, what can be set, what happens. */
export interface Play {
  readonly title: Words;
  readonly doc: Words;
  readonly parameters: Readonly<Record<string, { readonly default: number | string; readonly doc: Words }>>;
  begin(stage: Stage): void;
}

const webhookUrl = {
  default: '',
  doc: {
    es: 'Adónde van los webhooks de lo que el escenario crea. Vacío: adonde van los de tu aplicación.',
    en: "Where the webhooks go of what the scenario creates. Empty: where your application's go.",
  },
};

const minutes = (value: number): Play['parameters'][string] => ({
  default: value,
  doc: { es: 'Minutos que dura, en el reloj del sandbox.', en: "Minutes it lasts, on the sandbox's clock." },
});

const transfers = (value: number): Play['parameters'][string] => ({
  default: value,
  doc: { es: 'Cuántas veces llega dinero.', en: 'How often money comes in.' },
});

export const plays = {
  'friday-night': {
    title: { es: 'Viernes a la noche', en: 'Friday night' },
    doc: {
      es: 'Todos pagan a la vez: pagos exactos, de menos, de más y en partes. La API responde lento, los webhooks llegan tarde, repetidos y desordenados.',
      en: 'Everybody pays at once: exactly, too little, too much, in parts. The API is slow, webhooks come late, twice and out of order.',
    },
    parameters: { transfers: transfers(200), minutes: minutes(10), webhookUrl },
    begin(stage) {
      stage.fault({ match: { probability: 0.02 }, status: 503, headers: { 'retry-after': '1' } });
      stage.fault({ match: { probability: 0.6 }, delayMs: 50, jitterMs: 400 });
      stage.fault({ side: 'webhook', match: { probability: 0.15 }, effect: 'duplicate' });
      stage.fault({ side: 'webhook', match: { probability: 0.2 }, effect: 'reorder', jitterMs: 2_000 });
      stage.fault({ side: 'webhook', match: { probability: 0.5 }, jitterMs: 2_000 });
      const over = stage.number('minutes') * MINUTE_MS;
      stage.spread(stage.number('transfers'), over, () => payer(stage));
      stage.after(over + 5_000, stage.stop);
    },
  },
  'black-out': {
    title: { es: 'Apagón', en: 'Black-out' },
    doc: {
      es: 'Talo no responde y no sale ningún webhook, pero el dinero sigue llegando. Al terminar, ningún aviso se repite: hay que reconciliar.',
      en: 'Talo does not answer and no webhook goes out, but money keeps coming in. Afterwards nothing is sent again: it takes a reconciliation.',
    },
    parameters: { minutes: minutes(10), transfers: transfers(20), webhookUrl },
    begin(stage) {
      const over = stage.number('minutes') * MINUTE_MS;
      // accounts without a customer get one before the lights go out
      for (const userId of stage.accounts()) stage.someCustomer(userId);
      stage.fault({ match: { probability: 0.5 }, effect: 'reset' });
      stage.fault({ status: 503 });
      stage.fault({ side: 'webhook', effect: 'drop' });
      stage.spread(stage.number('transfers'), over * 0.9, () => payer(stage));
      stage.after(over, stage.stop);
    },
  },
  'hostile-internet': {
    title: { es: 'Internet hostil', en: 'Hostile internet' },
    doc: {
      es: 'Conexiones cortadas, respuestas a medias, páginas de proxy, tokens vencidos, webhooks perdidos y lentos, y avisos falsos de desconocidos.',
      en: "Lost connections, half answers, a proxy's pages, expired tokens, webhooks lost and slow, and forged notices from strangers.",
    },
    parameters: {
      minutes: minutes(10),
      transfers: transfers(50),
      forgeries: {
        default: 50,
        doc: { es: 'Cuántos avisos falsos llegan.', en: 'How many forged notices come.' },
      },
      webhookUrl,
    },
    begin(stage) {
      const some = (probability: number): { match: { probability: number } } => ({ match: { probability } });
      stage.fault({ ...some(0.05), effect: 'reset' });
      stage.fault({ match: { method: 'POST', probability: 0.08 }, effect: 'lose-response' });
      stage.fault({ ...some(0.03), effect: 'truncate' });
      stage.fault({ ...some(0.02), effect: 'stall-body' });
      stage.fault({ ...some(0.03), effect: 'html' });
      stage.fault({ ...some(0.03), status: 429, headers: { 'retry-after': '1' } });
      stage.fault({ ...some(0.03), effect: 'expire-token' });
      stage.fault({ ...some(0.05), effect: 'stale-read' });
      stage.fault({ match: { method: 'GET', probability: 0.05 }, effect: 'not-readable' });
      stage.fault({ side: 'webhook', ...some(0.1), effect: 'drop' });
      stage.fault({ side: 'webhook', ...some(0.1), effect: 'slow-answer', delayMs: 4_000 });
      stage.fault({ side: 'webhook', ...some(0.2), effect: 'duplicate', copies: 2 });
      stage.fault({ side: 'webhook', ...some(0.2), effect: 'reorder', jitterMs: 3_000 });
      const over = stage.number('minutes') * MINUTE_MS;
      stage.spread(stage.number('transfers'), over, () => payer(stage));
      stage.spread(stage.number('forgeries'), over, () => stranger(stage));
      stage.after(over + 5_000, stage.stop);
    },
  },
  'one-revoked': {
    title: { es: '200 comercios, uno revocado', en: '200 merchants, one revoked' },
    doc: {
      es: 'Doscientos comercios del partner cobran por el mismo endpoint. A uno le revocan las credenciales: los demás no deben notarlo.',
      en: "Two hundred of the partner's merchants collect through one endpoint. One of them loses its credentials: the others must not notice.",
    },
    parameters: {
      merchants: { default: 200, doc: { es: 'Cuántos comercios.', en: 'How many merchants.' } },
      webhookUrl,
    },
    begin(stage) {
      const { world } = stage.engine;
      const accounts = Array.from({ length: stage.number('merchants') }, () => {
        stage.count('merchants');
        return addMerchant(world, { ofPartner: true, referredUserId: `user-${stage.ids.next('user')}` });
      });
      const customers = accounts.map(({ userId }) => stage.someCustomer(userId));
      for (const { cvu } of customers) stage.transfer(cvu, amountOf(stage));
      const revoked = stage.pick(accounts);
      if (revoked !== undefined) {
        revoke(world, revoked, true);
        stage.count('revoked');
      }
      stage.after(1_000, () => {
        for (const { cvu } of customers) stage.transfer(cvu, amountOf(stage));
      });
      stage.after(2_000, stage.stop);
    },
  },
} as const satisfies Readonly<Record<string, Play>>;

export type ScenarioName = keyof typeof plays;

/** Somebody pays: a customer any amount, or an open payment in one of the ways in which people pay. */
function payer(stage: Stage): void {
  const userId = stage.pick(stage.accounts());
  if (userId === undefined) return;
  const way = stage.chance();
  if (way < 0.4) {
    stage.transfer(stage.someCustomer(userId).cvu, amountOf(stage));
    return;
  }
  const payment = stage.somePayment(userId);
  for (const part of parts(payment, way)) stage.transfer(payment.cvu, part);
}

function parts(payment: Payment, way: number): Money[] {
  const left = Math.max(1, payment.price.centavos - receivedBy(payment).centavos);
  if (way < 0.75) return [centavos(left)];
  if (way < 0.85 && left >= 3) {
    const third = Math.floor(left / 3);
    return [centavos(third), centavos(third), centavos(left - 2 * third)];
  }
  return [centavos(way < 0.93 ? Math.max(1, Math.floor(left / 2)) : left + 10_000)];
}

function amountOf(stage: Stage): Money {
  return centavos(10_000 + Math.floor(stage.chance() * 5_000_000));
}

/** A notice that Talo never sent, for ids that are made up, or real ones with nothing behind it. */
function stranger(stage: Stage): void {
  const { sendByHand, world } = stage.engine;
  const made = { id: `VAR-${stage.ids.hex('forged', 8)}-${stage.ids.next('forged order')}`, externalId: 'x' };
  const real = [...world.state.payments.values()].at(-1);
  const words =
    stage.chance() < 0.5
      ? paymentNotice(world, stage.chance() < 0.5 && real !== undefined ? real : made)
      : customerNotice(stage.ids.uuid('forged transaction'), stage.ids.hex('forged customer', 8));
  stage.count('forgeries');
  // a stranger knows the address of the route and not what we sign
  const url = new URL(stage.webhookUrl);
  url.search = '';
  sendByHand({ url: url.href, body: JSON.stringify(words), about: undefined, origin: 'forged' });
}
