import { type TaloClient, TaloConfigError } from '@talo/core';
import type { Middleware } from './types.ts';

/**
 * Puts the client on every request as `req.talo`; `import '@talo/express/augment'` tells TypeScript so.
 * @throws TaloConfigError without a client
 * @example
 * app.use(taloMiddleware(talo));
 * app.get('/account', async (req, res) => res.json(await req.talo.account.get()));
 */
export function taloMiddleware(client: TaloClient): Middleware {
  if (!client) throw new TaloConfigError('Give a client: app.use(taloMiddleware(talo)).');
  return (request, _response, next) => {
    Object.assign(request, { talo: client });
    next();
  };
}
