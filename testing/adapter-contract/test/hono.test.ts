import { honoDriver } from '../src/drivers/fetch.ts';
import { adapterContract } from '../src/index.ts';

adapterContract('Hono', honoDriver);
