import { TaloClient } from '@talo/core';
import { start } from './start.ts';

const { HOST = '127.0.0.1', PORT = '3000', DATABASE = './data/receivables.db' } = process.env;
const app = await start({ talo: TaloClient.fromEnv(), database: DATABASE, host: HOST, port: Number(PORT) });
console.log(`Receivables at ${app.url}`);

// a Ctrl+C comes twice, from the terminal and from npm: the second one must not end what the first one began
let closing: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (closing ??= app.close()));
