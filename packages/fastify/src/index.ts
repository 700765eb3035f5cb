export type { TaloPluginOptions, WebhookEngine } from './options.ts';
/** Also the default, for `register(import('@talo/fastify'), …)`. */
export { taloPlugin, taloPlugin as default } from './plugin.ts';
