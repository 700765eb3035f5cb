import { once } from 'node:events';
import { taloWebhookHandler } from '@talo/express';
import express, { type Express } from 'express';
import { type Framework, PATH, portOf } from './framework.ts';

/** Express 5. */
export const framework: Framework = {
  bare: () =>
    listen((app) => {
      app.post(PATH, express.json(), (_request, response) => {
        response.json({ received: true });
      });
    }),
  adapted: (application) => listen((app) => app.use(PATH, taloWebhookHandler(application.engine()))),
};

async function listen(route: (app: Express) => void): Promise<number> {
  const app = express();
  route(app);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server.address());
}
