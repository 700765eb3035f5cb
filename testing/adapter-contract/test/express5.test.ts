import { express5Driver } from '../src/drivers/express.ts';
import { adapterContract } from '../src/index.ts';

adapterContract('Express 5', express5Driver);
