import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory, nestOn, QUIET } from '../lib/nest.ts';

/** Nest 12 on Fastify. */
export const framework = nestOn((module) => NestFactory.create(module, new FastifyAdapter(), QUIET));
