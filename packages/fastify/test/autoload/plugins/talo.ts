import { taloPlugin } from '@talo/fastify';
import { engine, path, talo } from '../../support.ts';

// the way of @fastify/autoload: the file is the plugin, and its options stand beside it
export default taloPlugin;
export const autoConfig = { client: talo, webhooks: engine(), path };
