import { TaloClient } from '@talo/core';
import { start } from './start.ts';

const { HOST = '127.0.0.1', PORT = '3000', DATABASE = './data/receivables.db' } = process.env;
const app = await start({ talo: TaloClient.fromEnv(), database: DATABASE, host: HOST, port: Number(PORT) });
console.log(`Receivables at ${app.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());
