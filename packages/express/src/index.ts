export { taloMiddleware } from './middleware.ts';
export type { Middleware } from './types.ts';
export { taloWebhookHandler } from './webhook-handler.ts';
