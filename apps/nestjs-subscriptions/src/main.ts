import { NestFactory } from '@nestjs/core';
import { TaloClient } from '@talo/core';
import { appModule } from './app.module.ts';

const { HOST = '127.0.0.1', PORT = '3000', DATABASE = './data/subscriptions.db' } = process.env;
const module = appModule({ talo: TaloClient.fromEnv(), database: DATABASE });
const app = await NestFactory.create(module);
// without this a signal would end the process without draining the webhooks
app.enableShutdownHooks();
await app.listen(Number(PORT), HOST);
