export type { TaloPluginOptions, WebhookEngine } from './options.ts';
export { taloPlugin } from './plugin.ts';
