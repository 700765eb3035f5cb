import { NestFactory, nestOn, QUIET } from '../lib/nest.ts';

/** Nest 12 on Express. */
export const framework = nestOn((module) => NestFactory.create(module, QUIET));
