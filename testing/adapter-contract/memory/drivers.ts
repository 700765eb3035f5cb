import { join } from 'node:path';

/** Module and name of each driver that is served in a process of its own. */
export const DRIVERS = [
  'express.ts:express4Driver',
  'express.ts:express5Driver',
  'fastify.ts:fastifyDriver',
  'fetch.ts:fetchDriver',
  'fetch.ts:honoDriver',
].map((driver) => join(import.meta.dirname, '../src/drivers', driver));
