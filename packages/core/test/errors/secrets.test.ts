import { describe, expect, test } from 'vitest';
import {
  type FetchPort,
  type Hooks,
  pesos,
  TaloClient,
  type TaloClientOptions,
  TaloError,
} from '../../src/index.ts';
import { printed } from '../support/canary.ts';
import { testClock } from '../support/clock.ts';
import { failureOf, tokenOf } from '../support/fake-talo.ts';

// every secret is planted, every place of an answer echoes all of them, and nothing of them may ever be seen

const SECRETS = {
  clientSecret: 'CANARYclientsecret0001',
  partnerSecret: 'CANARYpartnersecret0002',
  webhookSecret: 'CANARYwebhooksecret0003',
  // the first is the beginning of the second: whoever hides the shorter one first shows the rest of the other
  olderSecret: 'CANARYwebhooksecret0003-older-CANARY',
  demotedSecret: 'CANARYdemotedsecret0004',
  headerValue: 'CANARYheadervalue0005',
  accessToken: 'CANARYopaque/token+0006==',
  abortReason: 'CANARYabortreason0007',
} as const;

interface Echo {
  /** What the client sent, as a hostile server would return it. */
  readonly all: string;
}

type Hostile = (echo: Echo) => Awaited<ReturnType<FetchPort>> | Promise<never>;

const answer = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers: new Headers(headers),
  text: async () => body,
});
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  answer(status, JSON.stringify(body), headers);
const header = (text: string) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 4000);

const HOSTILE: Record<string, Hostile> = {
  'echoes in message and code': ({ all }) => json(400, { message: all, code: all, error: true }),
  'echoes in error and detail': ({ all }) => json(403, { error: all, detail: all }),
  'echoes behind enough text to be cut in the middle': ({ all }) =>
    json(
      422,
      { message: `${'x'.repeat(285)}${all}`, code: `${'c'.repeat(50)}${all}`, error: true },
      { 'x-request-id': header(`${'r'.repeat(110)}${all}`) },
    ),
  'echoes in x-request-id': ({ all }) =>
    json(500, { error: true }, { 'x-request-id': header(all), 'retry-after': header(all) }),
  'echoes percent-encoded': ({ all }) => json(400, { message: encodeURIComponent(all), error: true }),
  'echoes with 200': ({ all }) => json(200, { message: all, error: all, code: all }),
  'echoes in HTML': ({ all }) => answer(502, `<html>${all}</html>`),
  'echoes in HTML with 200': ({ all }) => answer(200, `<html>${all}</html>`),
  'echoes in half an object': ({ all }) => answer(200, `{"data":{"token":"${all}`),
  'echoes in every field of the data': ({ all }) =>
    json(200, {
      data: {
        ...Object.fromEntries(
          [
            'id',
            'external_id',
            'user_id',
            'customer_id',
            'motive',
            'partner_id',
            'webhook_url',
            'redirect_url',
            'name',
            'alias',
            'status',
            'payment_status',
            'account_status',
            'refund_id',
          ].map((key) => [key, all]),
        ),
        contact: { email: all },
        bank_info: { alias: all, cvu: all },
        price: { amount: all, currency: all },
        transactions: all,
        lastEvaluatedKey: all,
      },
    }),
  'refuses with 401': ({ all }) => json(401, { message: all, code: all, error: true }),
  'rejects with an error that holds everything': ({ all }) =>
    Promise.reject(
      Object.assign(new Error(all, { cause: new Error(all, { cause: { code: all } }) }), {
        code: all,
        config: { headers: { authorization: all } },
      }),
    ),
  'rejects with an error whose code is a secret': () =>
    Promise.reject(Object.assign(new Error('x'), { code: SECRETS.partnerSecret })),
  'rejects with an error whose cause has a secret as code': () =>
    Promise.reject(new Error('x', { cause: { code: SECRETS.webhookSecret } })),
  'rejects with several errors': ({ all }) =>
    Promise.reject(new AggregateError([new Error(all), { code: all, message: all }], all)),
  'rejects with a text': ({ all }) => Promise.reject(all),
  'breaks the body off': ({ all }) => ({ ...answer(200, ''), text: () => Promise.reject(new Error(all)) }),
};

const issued = tokenOf({ exp: 9_999_999_999, iat: 9_999_990_000, sub: 'CANARYclaim0008' });

/** A client whose every attempt meets the hostile server; the token endpoint answers unless it is hostile as well. */
function attacked(
  hostile: Hostile,
  options: { readonly token: 'issued' | 'given' | 'function' | 'hostile' },
) {
  const clock = testClock();
  const told: unknown[] = [];
  const { partnerSecret, webhookSecret, olderSecret, demotedSecret } = SECRETS;
  const own = options.token === 'given' ? SECRETS.accessToken : SECRETS.clientSecret;
  /** What the client was given or has sent: nothing else can be echoed. */
  const known = new Set<string>([partnerSecret, webhookSecret, olderSecret, demotedSecret]);
  if (options.token !== 'function') known.add(own);
  const fetch: FetchPort = async (url, init) => {
    if (url.endsWith('/tokens') && options.token === 'issued' && !url.endsWith('/auth/tokens')) {
      return json(200, { data: { token: issued } });
    }
    const body = init.body === undefined ? {} : JSON.parse(init.body);
    for (const text of [body.webhook_url, init.headers['authorization'], init.headers['x-own']]) {
      if (typeof text === 'string') known.add(text);
    }
    return hostile({ all: [...known].join(' ') });
  };
  const tell = (info: unknown) => told.push(info);
  const hooks: Hooks = { onRequest: tell, onResponse: tell, onRetry: tell, onError: tell };
  const credentials: TaloClientOptions['credentials'] =
    options.token === 'given'
      ? { userId: 'user', accessToken: SECRETS.accessToken }
      : options.token === 'function'
        ? { userId: 'user', accessToken: async () => SECRETS.accessToken }
        : { userId: 'user', clientId: 'client', clientSecret: SECRETS.clientSecret };
  const client = new TaloClient({
    environment: { apiUrl: 'http://talo.test' },
    credentials,
    partner: { id: 'partner', secret: SECRETS.partnerSecret },
    webhooks: {
      url: 'https://shop.example/hook?tenant=7',
      secret: [SECRETS.webhookSecret, SECRETS.olderSecret],
      demoted: [SECRETS.demotedSecret],
    },
    fetch,
    clock,
    hooks,
    random: () => 0,
  });
  return { clock, client, told };
}

const order = {
  externalId: 'order-1',
  price: pesos(1500),
  redirectUrl: 'https://shop.example',
  motive: 'mine',
};
const customer = { customerId: '1', alias: 'abcdef', name: 'n', email: 'a@b.c' };
const headers = { 'x-own': SECRETS.headerValue };

const CALLS: Record<string, (client: TaloClient) => Promise<unknown>> = {
  'payments.create': (c) => c.payments.create(order, { headers }),
  'payments.ensure': (c) => c.payments.ensure(order, { headers }),
  'payments.get': (c) => c.payments.get('p', { headers }),
  'payments.updatePrice': (c) => c.payments.updatePrice('p', pesos(1), { headers }),
  'payments.refund': (c) =>
    c.payments.refund('p', { type: 'FULL', blame: { teamId: 't', mail: 'a@b.c' } }, { headers }),
  'customers.create': (c) => c.customers.create(customer, { headers }),
  'customers.ensure': (c) => c.customers.ensure(customer, { headers }),
  'customers.getTransaction': (c) => c.customers.getTransaction('1', 't', { headers }),
  'account.get': (c) => c.account.get({ headers }),
  'transactions.page': (c) => c.transactions.list({ from: new Date(0), to: new Date(1) }, { headers }).page(),
  'partners.exchangeCode': (c) => c.partners.exchangeCode('CANARYcode0009', { headers }),
  'faucet.transfer': (c) => c.faucet.transfer('1', pesos(1), { headers }),
  'forAccount with a token of its own': (c) =>
    c
      .forAccount({ userId: 'user', accessToken: 'CANARYmerchant/token0010' })
      .payments.ensure(order, { headers }),
};

function expectNoSecret(value: unknown, what: string): void {
  const text = printed(value);
  const at = text.search(/CANARY|anarysecret|sub":"CAN|eyJ|talo=1~|talo=1%7E|1%257E/i);
  expect(at === -1 ? '' : `${what}: …${text.slice(Math.max(0, at - 80), at + 80)}…`).toBe('');
}

describe.each(['issued', 'given', 'function', 'hostile'] as const)('with a token %s', (token) => {
  test.each(Object.keys(HOSTILE))('nothing secret is seen when Talo %s', async (name) => {
    const hostile = HOSTILE[name] as Hostile;
    for (const [call, run] of Object.entries(CALLS)) {
      const { client, clock, told } = attacked(hostile, { token });
      const result = await clock.finish(run(client).catch((error: unknown) => error));
      if (result instanceof Error) {
        expect(TaloError.is(result), `${call}: ${result.stack}`).toBe(true);
        expectNoSecret(result, call);
      }
      for (const info of told) expectNoSecret(info, `hook of ${call}`);
    }
  });
});

describe('nothing secret is seen', () => {
  test('in what an access token function throws', async () => {
    const fails = [
      () => Promise.reject(new Error(SECRETS.accessToken)),
      () => Promise.reject(Object.assign(new Error('x'), { name: SECRETS.accessToken })),
      () => Promise.reject(SECRETS.accessToken),
      () => {
        throw new Error(SECRETS.accessToken);
      },
    ];
    for (const accessToken of fails) {
      const client = new TaloClient({ credentials: { userId: 'u', accessToken } });
      expectNoSecret(await failureOf(client.payments.get('p')), 'function');
    }
  });

  test('in what a token store throws', async () => {
    const fail = () => Promise.reject(new Error(SECRETS.clientSecret));
    const client = new TaloClient({
      credentials: { userId: 'u', clientId: 'c', clientSecret: SECRETS.clientSecret },
      tokenStore: { get: fail, swap: fail },
      fetch: async () => json(401, { error: true }),
    });
    expectNoSecret(await failureOf(client.payments.get('p')), 'store');
  });

  test('of the reason with which a caller aborts', async () => {
    const client = new TaloClient({
      credentials: { userId: 'u', accessToken: 't' },
      fetch: () => new Promise(() => {}),
    });
    const signal = AbortSignal.abort(new Error(SECRETS.abortReason));
    expectNoSecret(await failureOf(client.payments.get('p', { signal })), 'abort');
  });

  test('of a request that breaks a rule', async () => {
    const client = new TaloClient({
      credentials: { userId: 'u', accessToken: 't' },
      fetch: () => new Promise(() => {}),
    });
    const wrong = {
      ...order,
      webhookUrl: `not a url?secret=${SECRETS.headerValue}`,
      clientSecret: SECRETS.clientSecret,
    };
    expectNoSecret(await failureOf(client.payments.create(wrong as never)), 'constraint');
  });

  test('of a client', () => {
    const { client } = attacked(() => json(200, {}), { token: 'issued' });
    expectNoSecret(client, 'client');
    expectNoSecret(client.forAccount({ userId: 'u', accessToken: SECRETS.accessToken }), 'client');
    for (const key of Reflect.ownKeys(client)) expectNoSecret(Reflect.get(client, key), String(key));
  });
});

test('what is not secret stays readable', async () => {
  const { client } = attacked(
    () =>
      json(
        422,
        {
          message: 'alias "bami.carla" is taken, see TL-9 and https://docs.example/a?b',
          code: 'alias_taken',
          error: true,
        },
        { 'x-request-id': 'req-1' },
      ),
    { token: 'issued' },
  );
  const error = await failureOf(client.customers.create(customer));
  expect(error).toMatchObject({ apiCode: 'alias_taken', requestId: 'req-1' });
  expect(String(error)).toContain('alias "bami.carla" is taken, see TL-9');
});
