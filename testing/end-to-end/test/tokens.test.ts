import { pesos, type StoredToken, type TokenStore } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { inProcess, type World } from './support/world.ts';

const tokenCalls = ({ requests }: World) =>
  requests().filter((request) => request.endsWith('/tokens')).length;

function memoryStore(): TokenStore {
  const kept = new Map<string, StoredToken>();
  return {
    get: async (key) => kept.get(key),
    async swap(key, expected, next) {
      if (kept.get(key)?.token === expected?.token) kept.set(key, next);
      return kept.get(key) ?? next;
    },
  };
}

describe('a token', () => {
  test('lasts an hour of calls, and the next one is there before it ends', async () => {
    const world = inProcess();
    const talo = world.client();
    for (let minutes = 0; minutes < 180; minutes += 5) {
      await talo.account.get();
      await world.sandbox.clock.advance({ minutes: 5 });
    }
    expect(tokenCalls(world)).toBe(4);
    expect(world.sandbox.requests.filter(({ status }) => status === 401)).toEqual([]);
  });

  test('is replaced by one call when many come back after a long night', async () => {
    const world = inProcess();
    const talo = world.client();
    await talo.account.get();
    await world.sandbox.clock.advance({ hours: 9 });
    await Promise.all(Array.from({ length: 50 }, () => talo.account.get()));
    expect(tokenCalls(world)).toBe(2);
  });

  test.each([401, 403] as const)(
    'that Talo calls expired before we do is replaced after a %i',
    async (expiredTokenStatus) => {
      const world = inProcess({ oddities: { expiredTokenStatus } });
      // a client whose clock stands still, as that of a machine that slept
      const { clock } = world.sandbox;
      let offset = 0;
      const slow = { ...clock, monotonic: () => clock.monotonic() - offset, now: () => clock.now() - offset };
      const talo = world.client({ clock: slow });
      await talo.account.get();
      await clock.advance({ hours: 2 });
      offset = expiredTokenStatus === 401 ? 7_200_000 : 6_600_000;
      await Promise.all(Array.from({ length: 50 }, () => talo.account.get()));
      expect(tokenCalls(world)).toBe(2);
    },
  );

  test('is shared by processes that share a store, before and after it expired', async () => {
    const world = inProcess();
    const tokenStore = memoryStore();
    const fleet = [1, 2, 3].map(() => world.client({ tokenStore }));
    for (const talo of fleet) await talo.account.get();
    expect(tokenCalls(world)).toBe(1);
    await world.sandbox.clock.advance({ minutes: 57 });
    for (const talo of fleet) await talo.account.get();
    expect(tokenCalls(world)).toBe(2);
  });

  test('of a partner that ends is asked for again where it came from', async () => {
    const world = inProcess({ oddities: { partnerTokenHours: 1 } });
    const { sandbox } = world;
    const partner = { id: sandbox.partner.id, secret: sandbox.partner.secret };
    const talo = world.client({ credentials: undefined as never, partner });
    const consent = async () => {
      const url = talo.partners.authorizationUrl({ referredUserId: 'userPrueba1234' });
      const { headers } = await sandbox.fetch(url, { method: 'POST' });
      const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
      return talo.partners.exchangeCode(code);
    };
    const { userId } = await consent();
    let asked = 0;
    const merchant = talo.forAccount({
      userId,
      accessToken: async () => {
        asked++;
        return (await consent()).accessToken;
      },
    });
    await merchant.account.get();
    await sandbox.clock.advance({ hours: 2 });
    await merchant.account.get();
    expect(asked).toBe(2);
  });
});

test('a payment call that meets an expired token is made once', async () => {
  const world = inProcess();
  const { clock } = world.sandbox;
  let offset = 0;
  const slow = { ...clock, monotonic: () => clock.monotonic() - offset, now: () => clock.now() - offset };
  const talo = world.client({ clock: slow });
  await talo.account.get();
  await clock.advance({ hours: 2 });
  offset = 7_200_000;
  const payment = await talo.payments.create({ externalId: 'order-1', price: pesos(1) });
  expect(payment.status).toBe('PENDING');
  expect(
    world.sandbox.requests.filter(
      ({ method, path, status }) => method === 'POST' && path === '/payments/' && status === 200,
    ),
  ).toHaveLength(1);
});
