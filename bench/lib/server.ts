// A server under measurement, in a process of its own: one framework, bare or with the engine behind it.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Inbox, memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import type { Framework } from '../frameworks/framework.ts';
import { answerParent, givenSettings } from './child.ts';
import { lapCounter } from './lap.ts';
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

const { framework: name, behind, folder, taloUrl, started } = givenSettings<ServerSettings>();
const { framework } = (await import(`../frameworks/${name}.ts`)) as { framework: Framework };
const path = join(mkdtempSync(join(folder, 'server-')), 'app.db');
const client = benchClient(taloUrl);
const inbox = behind === 'sqlite' ? sqliteInbox({ path }) : memoryInbox();
let made: TaloWebhooks<never> | undefined;
const engine = (): TaloWebhooks<never> => {
  // what fails at Talo is part of some measurements, and no news
  made ??= new TaloWebhooks<never>({ client, inbox, logger: { warn() {}, error() {} } });
  return made;
};
if (behind !== 'nothing' && started) {
  const webhooks = engine();
  webhooks.on(['payment.transfer', 'payment.paid'], () => {});
  await webhooks.start();
}
const port = await (behind === 'nothing'
  ? framework.bare()
  : framework.adapted({ client, inbox: inbox as Inbox<never>, engine }));

/** The application's own connection to the file that it shares with the inbox. */
let database: DatabaseSync | undefined;

export const commands = {
  port: () => port,
  lap: lapCounter(),
  /** Holds the write lock of the application's file from now on, or lets go of it. */
  lock: (held: boolean) => {
    database ??= new DatabaseSync(path);
    database.exec(held ? 'BEGIN IMMEDIATE' : 'COMMIT');
  },
  idle: () => engine().drain({ budget: 60_000 }),
  memory: () => {
    // twice: the first run leaves what finalizers hold
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
  stats: () => engine().stats(),
};
answerParent(commands);
