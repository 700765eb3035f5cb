import { fastifyDriver } from '../src/drivers/fastify.ts';
import { adapterContract } from '../src/index.ts';

adapterContract('Fastify 5', fastifyDriver);
