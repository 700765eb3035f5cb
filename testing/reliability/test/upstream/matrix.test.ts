import type { Clock } from '@talo/core';
import type { TaloEvent } from '@talo/core/webhooks';
import type { ApiFault } from '@talo/sandbox';
import { describe, expect, test } from 'vitest';
import { gets, MINUTE, SECOND } from '../life/shop.ts';
import { RESOURCES, type ResourceKind, type Town, twoMerchants } from './two-merchants.ts';

interface Trouble {
  readonly name: string;
  readonly fault: Omit<ApiFault, 'match' | 'times'>;
  /** How long it lasts. */
  readonly lasts: number;
  /** Talo means the account, not the resource: all of the account waits. */
  readonly pauses?: boolean;
}

const troubles: readonly Trouble[] = [
  { name: 'hangs', fault: { delayMs: 10 ** 9 }, lasts: 1.5 * MINUTE },
  { name: 'hangs in the middle of its answer', fault: { effect: 'stall-body' }, lasts: 5 * MINUTE },
  { name: 'answers 500', fault: { status: 500 }, lasts: 20 * MINUTE },
  { name: 'answers 502', fault: { status: 502 }, lasts: 20 * MINUTE },
  { name: 'answers 503', fault: { status: 503 }, lasts: 20 * MINUTE },
  { name: 'answers 429', fault: { status: 429 }, lasts: 20 * MINUTE, pauses: true },
  { name: 'refuses the token', fault: { status: 401 }, lasts: 20 * MINUTE, pauses: true },
  { name: 'forbids it', fault: { status: 403 }, lasts: 20 * MINUTE },
  { name: 'breaks off its answer', fault: { effect: 'truncate' }, lasts: 20 * MINUTE },
  { name: 'resets the connection', fault: { effect: 'reset' }, lasts: 20 * MINUTE },
  { name: 'loses its answer', fault: { effect: 'lose-response' }, lasts: 20 * MINUTE },
  { name: 'answers with a page of HTML', fault: { effect: 'html' }, lasts: 20 * MINUTE },
  { name: 'answers 200 with a page of HTML', fault: { effect: 'html', status: 200 }, lasts: 20 * MINUTE },
  {
    name: 'answers 200 with error: true',
    fault: { status: 200, body: { message: 'Algo salió mal', error: true } },
    lasts: 20 * MINUTE,
  },
  {
    name: 'answers 200 without data',
    fault: { status: 200, body: { message: 'ok', error: false } },
    lasts: 20 * MINUTE,
  },
  { name: 'answers 200 with nothing', fault: { status: 200, body: '' }, lasts: 20 * MINUTE },
  {
    name: 'redirects',
    fault: { status: 302, headers: { location: 'http://stranger.example/' } },
    lasts: 20 * MINUTE,
  },
];

/** The longest pause between two looks that failed. */
const LONGEST_PAUSE = 5 * MINUTE;

describe.each(RESOURCES)('while a look at a %s fails because Talo', (kind) => {
  test.each(troubles)(
    '$name, the money waits, nobody else does, and afterwards it is told once',
    async (trouble) => {
      const town = await twoMerchants(kind);
      const { shop, app, unlucky } = town;
      const end = shop.sandbox.faults.add({ match: unlucky.route(kind), ...trouble.fault });
      const began = shop.sandbox.clock.now();
      unlucky.happen(kind);
      await shop.pass({ seconds: 2 });
      const { paused, hints, oldest } = await app.webhooks.stats();
      expect(Object.keys(paused), 'who is left alone').toEqual(trouble.pauses ? [unlucky.id] : []);
      expect(hints, 'what waits is shown').toBeGreaterThanOrEqual(1);
      expect(oldest, 'and since when').toBe(began);

      await expectAtOnce(town);
      unlucky.otherMoney();
      await shop.pass({ seconds: 5 });
      const other = unlucky.told('transfer').filter(({ event }) => event.type === 'customer.transfer');
      if (!trouble.pauses) expect(other, 'the account goes on but for this').toHaveLength(1);

      await shop.pass({ ms: trouble.lasts });
      expect(
        unlucky.told(kind).filter(({ event }) => isOf(event, kind)),
        'nothing is made up',
      ).toEqual([]);
      await expectAtOnce(town);
      // 1, 2, 4 … seconds, then about every five minutes; with a token that is refused each look tries three
      const most = (10 + trouble.lasts / (LONGEST_PAUSE / 2)) * (trouble.fault.status === 401 ? 3 : 1);
      expect(unlucky.requests(kind).length, 'Talo is spared').toBeLessThanOrEqual(most);

      end();
      await shop.pass({ ms: LONGEST_PAUSE + 5 * SECOND });
      expect(unlucky.told(kind).filter(({ event }) => isOf(event, kind))).toHaveLength(1);
      await expectBooks(town);
      expect(await app.webhooks.dead()).toEqual([]);
      expect(await app.webhooks.stats()).toMatchObject({ hints: 0, deliveries: 0, running: 0, paused: {} });
      await app.webhooks.stop({ deadline: 0 });
    },
  );

  test('is slow, it is told as soon as the answer is there, and nobody else waits', async () => {
    const town = await twoMerchants(kind);
    const { shop, app, unlucky } = town;
    shop.sandbox.faults.add({ match: unlucky.route(kind), delayMs: 8 * SECOND });
    unlucky.happen(kind);
    await expectAtOnce(town);
    await shop.pass({ seconds: 8 });
    expect(unlucky.told(kind)).toHaveLength(1);
    await expectBooks(town);
    expect((await app.webhooks.stats()).paused).toEqual({});
    await app.webhooks.stop({ deadline: 0 });
  });

  describe.each([
    ['seconds', () => '90'],
    ['a date', (now: number) => new Date(now + 90 * SECOND).toUTCString()],
  ])('asks for a pause in %s', (_form, retryAfter) => {
    const asked = async (status: number, again: boolean) => {
      const town = await twoMerchants(kind);
      const { shop, unlucky } = town;
      const began = shop.sandbox.clock.now();
      const headers = { 'retry-after': retryAfter(began) };
      shop.sandbox.faults.add({ match: unlucky.route(kind), status, headers, times: 1 });
      unlucky.happen(kind);
      await shop.pass({ seconds: 2 });
      if (again) for (const { url, body } of shop.sandbox.deliveries.slice(-1)) await repeat(town, url, body);
      if (status === 429) unlucky.otherMoney();
      await expectAtOnce(town);
      await shop.pass({ seconds: 90 });
      expect(unlucky.told(kind).filter(({ event }) => isOf(event, kind))).toHaveLength(1);
      await shop.pass({ minutes: 1 });
      await expectBooks(town);
      await town.app.webhooks.stop({ deadline: 0 });
      const [first, ...others] = unlucky.requests(kind).map(({ at }) => at.getTime() - began);
      expect(first).toBe(0);
      return { soonest: Math.min(...others, ...othersOf(town).map((at) => at - began)), next: others[0] };
    };

    test.each([true, false])(
      'with 429, for all of the account, and not a second longer (another notification: %s)',
      async (again) => {
        const { soonest, next } = await asked(429, again);
        expect(soonest).toBeGreaterThanOrEqual(89 * SECOND);
        expect(next).toBeLessThanOrEqual(92 * SECOND);
      },
    );

    test('with 503, for what was asked for, and not a second longer', async () => {
      const { next } = await asked(503, false);
      expect(next).toBeGreaterThanOrEqual(89 * SECOND);
      expect(next).toBeLessThanOrEqual(92 * SECOND);
    });

    test('with 503, also where another notification comes before its end', async () => {
      expect((await asked(503, true)).next).toBeGreaterThanOrEqual(89 * SECOND);
    });
  });

  test.each([401, 403] as const)(
    'finds the token expired though our clock says otherwise (%i): nobody notices',
    async (expiredTokenStatus) => {
      // time all but stands still for whoever looks at the age of a token
      const clientClock = (talos: Clock): Clock => ({ ...talos, monotonic: () => talos.monotonic() / 10 });
      const town = await twoMerchants(kind, {
        oddities: { expiredTokenStatus },
        clientClock,
        watching: false,
      });
      const { shop, app, unlucky, lucky } = town;
      await shop.pass({ minutes: 70 });
      unlucky.happen(kind);
      lucky.happen(kind);
      await shop.pass({ seconds: 4 });
      expect(unlucky.told(kind)).toHaveLength(1);
      expect(lucky.told(kind)).toHaveLength(1);
      for (const merchant of [unlucky, lucky]) {
        expect(merchant.requests(kind).map(({ status }) => status)).toEqual([expiredTokenStatus, 200]);
      }
      expect((await app.webhooks.stats()).paused).toEqual({});
      await expectBooks(town);
      await app.webhooks.stop({ deadline: 0 });
    },
  );
});

/** The other merchant gets its money within seconds, whatever befalls the first. */
async function expectAtOnce({ shop, lucky }: Town): Promise<void> {
  const before = lucky.told('transfer').length;
  const at = shop.sandbox.clock.now();
  lucky.otherMoney();
  lucky.happen('transfer');
  await shop.pass({ seconds: 5 });
  const told = lucky.told('transfer').slice(before);
  expect(told, 'the other merchant').toHaveLength(2);
  expect(Math.max(...told.map((each) => each.at)) - at).toBeLessThan(5 * SECOND);
}

/** Each merchant's ledger is its bank's. */
async function expectBooks({ app, unlucky, lucky }: Town): Promise<void> {
  for (const merchant of [unlucky, lucky]) {
    const total = await app.webhooks.ledger.total({ accountId: merchant.id });
    expect(total?.centavos ?? 0).toBe(merchant.received());
  }
}

/** Whether it is of the resource that Talo failed for, not of the account's other customer. */
function isOf(event: TaloEvent, kind: ResourceKind): boolean {
  return kind !== 'transfer' || ('customerId' in event && event.customerId === 'unlucky');
}

/** When Talo was asked for the customer of the same account whom no fault concerns. */
function othersOf({ shop }: Town): number[] {
  return gets(shop.requests, '/customers/unlucky-other/').map(({ at }) => at.getTime());
}

async function repeat({ app }: Town, url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.webhooks.fetch(
    new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
  expect(answer.status).toBe(200);
}
