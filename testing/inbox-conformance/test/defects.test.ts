import {
  type Credit,
  type DeliveryClaim,
  type HintClaim,
  type Remembered,
  UNAUTHENTICATED_ROWS,
} from '@talo/core/webhooks';
import { describe, expect, test } from 'vitest';
import { inboxConformance } from '../src/index.ts';
import { type StandIn, standIn } from './stand-in.ts';

/** Mistakes that authors of inboxes make: each is an inbox that is right but for one thing. */
const defects: Record<string, (inbox: StandIn) => Partial<StandIn>> = {
  'a hint that comes during a look is lost': (inbox) => {
    const running = new Set<string>();
    return {
      put: async (hint) => (running.has(hint.key) ? 'coalesced' : inbox.put(hint)),
      async claim(...args) {
        const claims = await inbox.claim(...args);
        for (const { key } of claims) running.add(key);
        return claims;
      },
      async complete(claim, ...rest) {
        running.delete(claim.key);
        await inbox.complete(claim, ...rest);
      },
    };
  },
  'a hint that joins answers as if it were new': (inbox) => ({
    put: async (hint) => {
      await inbox.put(hint);
      return 'stored';
    },
  }),
  '`due` does not count': (inbox) => ({ put: ({ due: _, ...hint }) => inbox.put(hint) }),
  'every hint is taken for authenticated': (inbox) => ({
    put: (hint) => inbox.put({ ...hint, authenticated: true }),
  }),
  'what is known takes rows of strangers': (inbox) => {
    const rows = new Set<string>();
    return {
      put: async (hint) => {
        const full = rows.size >= UNAUTHENTICATED_ROWS && !rows.has(hint.key);
        if (!hint.authenticated && full) throw new Error('full');
        const answer = await inbox.put(hint);
        if (hint.authenticated) rows.delete(hint.key);
        else if (answer !== 'coalesced') rows.add(hint.key);
        return answer;
      },
      async complete(claim, ...rest) {
        await inbox.complete(claim, ...rest);
        rows.delete(claim.key);
      },
    };
  },
  'the origin of the first hint stays': (inbox) => {
    const origins = new Map<string, HintClaim['origin']>();
    return {
      put: (hint) => {
        if (!origins.has(hint.key)) origins.set(hint.key, hint.origin);
        return inbox.put({ ...hint, origin: origins.get(hint.key) ?? hint.origin });
      },
    };
  },
  '`since` is when the last hint came': (inbox) => {
    const last = new Map<string, number>();
    return {
      put: (hint) => {
        last.set(hint.key, hint.at);
        return inbox.put(hint);
      },
      claim: async (...args) =>
        (await inbox.claim(...args)).map((claim) => ({
          ...claim,
          since: last.get(claim.key) ?? claim.since,
        })),
    };
  },
  'accounts meet': (inbox) => {
    const short = (key: string) => key.replace('account-2', 'account-1');
    return { put: (hint) => inbox.put({ ...hint, key: short(hint.key) }) };
  },
  'case does not count in keys': (inbox) => ({
    put: (hint) => inbox.put({ ...hint, key: hint.key.toLowerCase() }),
  }),
  'claim takes more than it was asked for': (inbox) => ({
    claim: (limit, now, leaseMs) => inbox.claim(limit + 1, now, leaseMs),
  }),
  'a lease lasts half as long': (inbox) => ({
    claim: (limit, now, leaseMs) => inbox.claim(limit, now, leaseMs / 2),
  }),
  'a lease never ends': (inbox) => ({
    claim: (limit, now) => inbox.claim(limit, now, 10 ** 10),
  }),
  'a lost lease is forgiven': (inbox) => ({
    complete: (claim, ...rest) => inbox.complete(claim, ...rest).catch(() => {}),
  }),
  'a commit under a lost lease is forgiven': (inbox) => ({
    commit: (unit) => inbox.commit(unit).catch(() => {}),
  }),
  'there is no floor between two looks': (inbox) => ({
    complete: (claim, _notBefore, again) => inbox.complete(claim, 0, again),
  }),
  '`again` is forgotten': (inbox) => ({ complete: (claim, notBefore) => inbox.complete(claim, notBefore) }),
  'a delay is no attempt': (inbox) => ({
    claim: async (...args) => (await inbox.claim(...args)).map((claim) => ({ ...claim, attempts: 0 })),
  }),
  'a delay ends at its floor': (inbox) => ({
    delay: (claim, _until, notBefore, reason) => inbox.delay(claim, notBefore, notBefore, reason),
  }),
  '`unchanged` is not counted': (inbox) => ({
    claim: async (...args) => (await inbox.claim(...args)).map((claim) => ({ ...claim, unchanged: 0 })),
  }),
  'watching does nothing': () => ({ watch: async () => {} }),
  'a worker that stops gives nothing back': () => ({ release: async () => {} }),
  'a state is replaced by none': (inbox) => ({
    commit: (unit) => inbox.commit({ ...unit, state: unit.state ?? '' }),
  }),
  'a credit is stored as often as it comes': (inbox) => {
    const more: Credit[] = [];
    return {
      async commit(unit) {
        await inbox.commit(unit);
        more.push(...unit.credits);
      },
      credits: async () => more,
    };
  },
  'the later credit of a key wins': (inbox) => {
    const last = new Map<string, Credit>();
    return {
      async commit(unit) {
        await inbox.commit(unit);
        for (const credit of unit.credits) last.set(credit.key, credit);
      },
      credits: async (filter) =>
        (await inbox.credits(filter)).map((credit) => last.get(credit.key) ?? credit),
    };
  },
  'credits are filtered by account alone': (inbox) => ({
    credits: ({ accountId }) => inbox.credits(accountId === undefined ? {} : { accountId }),
  }),
  'credits of another environment are found too': (inbox) => ({
    credits: ({ environment: _, ...filter }) => inbox.credits(filter),
  }),
  'an unknown amount is none': (inbox) => ({
    credits: async (filter) =>
      (await inbox.credits(filter)).map((credit) => ({
        ...credit,
        gross: credit.gross ?? { currency: 'ARS', centavos: 0 },
      })),
  }),
  'what is remembered first stays': (inbox) => {
    const known = new Set<string>();
    return {
      remember: (entries) => {
        const fresh = entries.filter(({ key }) => !known.has(key));
        for (const { key } of entries) known.add(key);
        return inbox.remember(fresh);
      },
    };
  },
  'a prefix is a pattern': (inbox) => {
    const all: Remembered[] = [];
    return {
      async remember(entries) {
        all.push(...entries);
        await inbox.remember(entries);
      },
      async recallAll(prefix) {
        const pattern = new RegExp(`^${prefix.replaceAll('_', '.').replace(/[[\]"*]/g, '\\$&')}`);
        return all.filter(({ key }) => pattern.test(key));
      },
    };
  },
  'pages begin anew': (inbox) => ({ recallAll: (prefix, limit) => inbox.recallAll(prefix, limit) }),
  'a handler gets the newest event first': (inbox) => {
    return {
      commit: (unit) => inbox.commit({ ...unit, events: unit.events.toReversed() }),
    };
  },
  'an event that is committed again is delivered again': (inbox) => {
    let count = 0;
    const id = (text: string) => text.split(' #')[0] ?? '';
    return {
      commit: (unit) =>
        inbox.commit({
          ...unit,
          events: unit.events.map((event) => ({ ...event, id: `${event.id} #${++count}` })),
        }),
      claimDeliveries: async (...args) =>
        (await inbox.claimDeliveries(...args)).map((claim) => ({ ...claim, eventId: id(claim.eventId) })),
    };
  },
  'an event goes to one of its handlers': (inbox) => ({
    commit: (unit) =>
      inbox.commit({
        ...unit,
        events: unit.events.map((event) => ({ ...event, handlers: event.handlers.slice(0, 1) })),
      }),
  }),
  'no handler is passed over': (inbox) => ({
    claimDeliveries: (limit, now, leaseMs) => inbox.claimDeliveries(limit, now, leaseMs),
  }),
  'handlers are passed over after the places were given': (inbox) => ({
    async claimDeliveries(limit, now, leaseMs, except) {
      const claims = await inbox.claimDeliveries(limit, now, leaseMs);
      const passed = claims.filter(({ handler }) => except?.has(handler));
      await inbox.release([], passed, now);
      return claims.filter((claim) => !passed.includes(claim));
    },
  }),
  'the last excepted handler is excepted for ever': (inbox) => {
    const all = new Set<string>();
    return {
      claimDeliveries(limit, now, leaseMs, except = new Set()) {
        for (const handler of except) all.add(handler);
        return inbox.claimDeliveries(limit, now, leaseMs, all);
      },
    };
  },
  'a delivery that failed is due at once': (inbox) => ({
    retry: (claim, _until, reason) => inbox.retry(claim, 0, reason),
  }),
  'failures are not counted': (inbox) => ({
    claimDeliveries: async (...args) =>
      (await inbox.claimDeliveries(...args)).map((claim) => ({ ...claim, failures: 0 })),
  }),
  'nothing is ever superseded': (inbox) => ({
    claimDeliveries: async (...args) =>
      (await inbox.claimDeliveries(...args)).map((claim) => ({ ...claim, superseded: false })),
  }),
  'a parked delivery is tried again': (inbox) => ({ park: (claim, reason) => inbox.retry(claim, 0, reason) }),
  'a lost delivery is forgiven': (inbox) => ({
    finish: (claim, writes) => inbox.finish(claim, writes).catch(() => {}),
  }),
  'writes are kept though the done mark is not': (inbox) => {
    const done = new WeakSet<DeliveryClaim>();
    return {
      async finish(claim, writes) {
        for (const write of writes) {
          if (!done.has(claim)) await inbox.finish(claim, [write]);
          done.add(claim);
        }
        if (writes.length === 0) await inbox.finish(claim, []);
      },
    };
  },
  'writes run in any order': (inbox) => ({
    finish: (claim, writes) => inbox.finish(claim, writes.toReversed()),
  }),
  'writes are not waited for': (inbox) => ({
    finish: (claim, writes) =>
      inbox.finish(
        claim,
        writes.map((write) => (tx) => void Promise.resolve(write(tx)).catch(() => {})),
      ),
  }),
  'dead letters have no reason': (inbox) => ({
    dead: async () => (await inbox.dead()).map((letter) => ({ ...letter, reason: '' })),
  }),
  'given-up hints are not listed': (inbox) => ({
    dead: async () => (await inbox.dead()).filter(({ kind }) => kind !== 'hint'),
  }),
  'replay of nothing succeeds': (inbox) => ({
    replay: async (...args) => {
      await inbox.replay(...args);
      return true;
    },
  }),
  'replay does not ask who listens now': (inbox) => ({ replay: (id, now) => inbox.replay(id, now, []) }),
  'backlog counts what is done': (inbox) => {
    let all = 0;
    return {
      async put(hint) {
        const answer = await inbox.put(hint);
        if (answer !== 'coalesced') all++;
        return answer;
      },
      backlog: async () => ({ ...(await inbox.backlog()), hints: all }),
    };
  },
  'nextAt leaves out leases': (inbox) => ({
    async backlog() {
      const backlog = await inbox.backlog();
      return backlog.running > 0 ? { ...backlog, nextAt: undefined } : backlog;
    },
  }),
  'the oldest hint is not told': (inbox) => ({
    backlog: async () => ({ ...(await inbox.backlog()), oldest: undefined }),
  }),
  'the oldest event is told by when it is due': (inbox) => ({
    async backlog() {
      const backlog = await inbox.backlog();
      return backlog.deliveries > 0 ? { ...backlog, oldestEvent: backlog.nextAt } : backlog;
    },
  }),
  'the oldest event is told when it waits no more': (inbox) => {
    let last: number | undefined;
    return {
      async backlog() {
        const backlog = await inbox.backlog();
        last = backlog.oldestEvent ?? last;
        return { ...backlog, oldestEvent: last };
      },
    };
  },
  'half a unit is stored': (inbox) => ({
    async commit(unit) {
      await inbox.commit({ ...unit, events: [] });
      await inbox.commit(unit);
    },
  }),
};

async function failing(spoil?: (inbox: StandIn) => StandIn): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of inboxConformance) {
    await run(() => standIn(spoil)).catch(() => failed.push(name));
  }
  return failed;
}

test('the stand-in by itself conforms', async () => {
  expect(await failing()).toEqual([]);
});

describe('an inbox does not conform where', () => {
  for (const [name, defect] of Object.entries(defects)) {
    test(name, async () => {
      const failed = await failing((inbox) => ({ ...inbox, ...defect(inbox) }));
      expect(failed).not.toEqual([]);
      // a case of its own says what is wrong; random walks are a second line
      expect(failed.some((each) => !each.startsWith('random walks'))).toBe(true);
    });
  }

  test('reopening finds nothing', async () => {
    const found: string[] = [];
    const cases = inboxConformance.filter(({ needs }) => needs === 'durable');
    for (const { name, run } of cases) {
      await run(() => ({ ...standIn(), reopen: () => standIn().inbox })).then(
        () => found.push(name),
        () => {},
      );
    }
    expect(found).toEqual(['durable: an empty inbox reopens empty, and more than once']);
  });
});
