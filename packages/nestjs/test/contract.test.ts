import { adapterContract } from '@talo-testing/adapter-contract';
import { nestOnExpress, nestOnFastify } from './contract.driver.ts';

adapterContract('Nest on express', nestOnExpress);
adapterContract('Nest on fastify', nestOnFastify);
