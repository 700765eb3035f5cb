import { createApp } from './app.mjs';

let answer;
export default {
  async fetch(request, env, context) {
    answer ??= createApp(JSON.parse(env.APP));
    return answer(request, (work) => context.waitUntil(work));
  },
};
