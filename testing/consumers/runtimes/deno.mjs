import { createApp } from './app.mjs';

const answer = createApp(JSON.parse(Deno.env.get('APP') ?? '{}'));
Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.env.get('PORT')) }, (request) =>
  answer(request, () => {}),
);
