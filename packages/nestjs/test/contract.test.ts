import { adapterContract } from '@talo-testing/adapter-contract';
import { nestDriver } from './contract.driver.ts';
import { PLATFORMS } from './support.ts';

for (const platform of PLATFORMS) adapterContract(`Nest on ${platform}`, nestDriver(platform));
