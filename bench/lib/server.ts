// A server under measurement, in a process of its own: one framework, bare or with the engine behind it.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import type { Framework } from '../frameworks/framework.ts';
import { answerParent, givenSettings } from './child.ts';
import { benchClient } from './world.ts';

export interface ServerSettings {
  /** The name of a file in `frameworks`. */
  readonly framework: string;
  readonly behind: 'nothing' | 'memory' | 'sqlite';
  /** For the files of SQLite. */
  readonly folder: string;
  readonly taloUrl: string;
  /** Whether what was stored is looked at too. */
  readonly started: boolean;
}

/** What this process did since it was asked last. */
export interface Lap {
  readonly cpuUs: number;
  /** The longest that the event loop was late, in milliseconds. */
  readonly stallMs: number;
}

const RESOLUTION_MS = 2;

const { framework: name, behind, folder, taloUrl, started } = givenSettings<ServerSettings>();
const { framework } = (await import(`../frameworks/${name}.ts`)) as { framework: Framework };
const path = join(mkdtempSync(join(folder, 'server-')), 'app.db');
const client = benchClient(taloUrl);
const inbox = behind === 'sqlite' ? sqliteInbox({ path }) : memoryInbox();
const webhooks = new TaloWebhooks<never>({
  client,
  inbox,
  // what fails at Talo is part of some measurements, and no news
  logger: { warn() {}, error() {} },
});
webhooks.on(['payment.transfer', 'payment.paid'], () => {});
if (behind !== 'nothing' && started) await webhooks.start();
const port = await (behind === 'nothing' ? framework.bare() : framework.adapted({ client, webhooks }));

const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();
let cpu = process.cpuUsage();
/** The application's own connection to the file that it shares with the inbox. */
let database: DatabaseSync | undefined;

export const commands = {
  port: () => port,
  lap: (): Lap => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const stallMs = loop.max / 1e6 - RESOLUTION_MS;
    loop.reset();
    return { cpuUs: user + system, stallMs };
  },
  /** Holds the write lock of the application's file from now on, or lets go of it. */
  lock: (held: boolean) => {
    database ??= new DatabaseSync(path);
    database.exec(held ? 'BEGIN IMMEDIATE' : 'COMMIT');
  },
  idle: () => webhooks.drain({ budget: 60_000 }),
  memory: () => {
    // twice: the first run leaves what finalizers hold
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
  stats: () => webhooks.stats(),
};
answerParent(commands);
