import { fetchDriver } from '../src/drivers/fetch.ts';
import { adapterContract } from '../src/index.ts';

adapterContract('fetch', fetchDriver);
