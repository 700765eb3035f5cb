import { join } from 'node:path';

/** Module and name of each driver that Node serves as it is written, in a process of its own. */
export const DRIVERS = [
  'express.ts:express4Driver',
  'express.ts:express5Driver',
  'fastify.ts:fastifyDriver',
  'fetch.ts:fetchDriver',
  'fetch.ts:honoDriver',
].map((driver) => join(import.meta.dirname, '../src/drivers', driver));

/** Node cannot run the source of `@talo/nestjs`, which has decorators: these are served with the packages as built. */
export const NEST_DRIVERS = ['nestOnExpress', 'nestOnFastify'].map((name) =>
  join(import.meta.dirname, `../../../packages/nestjs/test/contract.driver.ts:${name}`),
);
