import '../src/augment.ts';
import { type TaloClient, TaloConfigError } from '@talo/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { taloMiddleware } from '../src/index.ts';
import { majors } from './majors.ts';
import { served, talo } from './support.ts';

describe.each(majors)('%s', (_name, express) => {
  test('the client is on the request, in an app within the app too', async () => {
    const app = express();
    app.use(taloMiddleware(talo));
    const inner = express();
    inner.get('/', (request, response) => {
      expectTypeOf(request.talo).toEqualTypeOf<TaloClient>();
      response.json({ same: request.talo === talo, account: request.talo.accountId });
    });
    app.use('/inner', inner);
    const answer = await served(app, async (origin) => (await fetch(`${origin}/inner`)).json());
    expect(answer).toEqual({ same: true, account: talo.accountId });
  });

  test('each part of an application may have its own', async () => {
    const other = talo.forAccount({ userId: 'another', accessToken: 'TL-another' });
    const app = express();
    app.use(taloMiddleware(talo));
    app.use('/other', taloMiddleware(other));
    app.use((request, response) => void response.send(request.talo.accountId));
    await served(app, async (origin) => {
      expect(await (await fetch(`${origin}/other`)).text()).toBe('another');
      expect(await (await fetch(origin)).text()).toBe(talo.accountId);
    });
  });
});

test('without a client it says what to write', () => {
  // @ts-expect-error: from JavaScript
  expect(() => taloMiddleware(undefined)).toThrow(TaloConfigError);
  // @ts-expect-error: from JavaScript
  expect(() => taloMiddleware(null)).toThrow(TaloConfigError);
  // @ts-expect-error: from JavaScript
  expect(() => taloMiddleware(undefined)).toThrow('app.use(taloMiddleware(talo))');
});
