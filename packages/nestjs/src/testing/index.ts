export { TaloTestingModule } from './talo-testing.module.ts';
export { TaloTesting, type TaloTestingOptions } from './talo-testing.ts';
