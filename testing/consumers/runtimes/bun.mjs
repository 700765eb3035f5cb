import { createApp } from './app.mjs';

const answer = createApp(JSON.parse(process.env.APP ?? '{}'));
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env.PORT),
  fetch: (request) => answer(request, () => {}),
});
