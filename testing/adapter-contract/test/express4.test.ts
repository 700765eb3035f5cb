import { express4Driver } from '../src/drivers/express.ts';
import { adapterContract } from '../src/index.ts';

adapterContract('Express 4', express4Driver);
