// Takes the rights to its own folder and files away, and gives them back. Says what became of the hints meanwhile.
// Not to be run as root, whom no mode stops.
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteInbox } from '../src/index.ts';
import { hintFor } from './make.ts';

const folder = process.argv[2] ?? '';
const answers: Record<string, unknown> = {};
const reasonOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'reason') : error);
const files = (mode: number): void => {
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), mode);
};

const inbox = sqliteInbox({ path: join(folder, 'talo.db') });
chmodSync(folder, 0o555);
answers['open in a folder'] = await inbox.open().then(() => 'opened', reasonOf);
chmodSync(folder, 0o755);
await inbox.open();
answers['put'] = await inbox.put(hintFor('before'));
await inbox.close();

files(0o444);
// it can be read, so it can be opened; nothing is acknowledged
answers['put into files'] = await inbox
  .open()
  .then(() => inbox.put(hintFor('refused')))
  .catch(reasonOf);
files(0o600);
for (let tries = 0; tries < 100 && answers['put afterwards'] !== 'stored'; tries++) {
  answers['put afterwards'] = await inbox.put(hintFor('after')).catch(reasonOf);
  await sleep(20);
}
answers['before'] = await inbox.put(hintFor('before'));
answers['hints'] = (await inbox.backlog()).hints;
await inbox.close();
process.stdout.write(JSON.stringify(answers));
