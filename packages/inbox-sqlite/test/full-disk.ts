// Fills a small file system while hints are put, and makes room again. Says what became of them.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteInbox } from '../src/index.ts';
import { hintFor } from './make.ts';

const folder = process.argv[2] ?? '';
const inbox = sqliteInbox({ path: join(folder, 'talo.db') });
await inbox.open();
const fillers: string[] = [];
try {
  for (let i = 0; ; i++) {
    fillers.push(join(folder, `filler ${i}`));
    writeFileSync(join(folder, `filler ${i}`), Buffer.alloc(16_384));
  }
} catch {
  // full
}
const acknowledged: number[] = [];
const reasons = new Set<string>();
let refused = 0;
for (let id = 0; refused < 20; id++) {
  try {
    await inbox.put(hintFor(id, { key: `${id} ${'x'.repeat(1_000)}` }));
    acknowledged.push(id);
  } catch (error) {
    refused++;
    reasons.add(String(Reflect.get(error as Error, 'reason')));
  }
}
for (const filler of fillers) rmSync(filler, { force: true });
let after = '';
for (let i = 0; i < 50 && after === ''; i++) {
  await sleep(50);
  after = await inbox.put(hintFor('after')).catch(() => '');
}
const lost: number[] = [];
for (const id of acknowledged) {
  const answer = await inbox.put(hintFor(id, { key: `${id} ${'x'.repeat(1_000)}` }));
  if (answer !== 'coalesced') lost.push(id);
}
await inbox.close();
process.stdout.write(
  JSON.stringify({ acknowledged: acknowledged.length, refused, reasons: [...reasons], lost, after }),
);
