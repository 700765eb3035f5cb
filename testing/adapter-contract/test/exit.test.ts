import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { DRIVERS } from '../memory/drivers.ts';
import { serve } from '../memory/serve.ts';
import { exchange } from '../src/exchange.ts';

test.each(DRIVERS.map((driver) => [basename(driver), driver]))(
  'closed, %s lets its process end by itself',
  { timeout: 60_000 },
  async (_name, driver) => {
    const { url, notices, end } = await serve(driver);
    const [{ query, body } = { query: '', body: '' }] = notices;
    expect((await exchange(`${url}${query}`, { body })).status).toBe(200);
    expect(await end()).toBe(0);
  },
);
