import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sqliteInbox } from '../src/index.ts';
import {
  Child,
  closing,
  creditFor,
  eventFor,
  file,
  folder,
  hintFor,
  keyFor,
  LEASE,
  unitFor,
} from './support.ts';

test('every put that was acknowledged before a SIGKILL is there after it', async () => {
  const path = file();
  let acknowledged = 0;
  for (let round = 0; round < 5; round++) {
    const child = new Child(path);
    await child.call('open');
    await child.call('flood', acknowledged);
    await child.written(200 + 150 * round);
    await child.kill();
    acknowledged = Math.max(acknowledged, ...child.lines.map((line) => Number(line) + 1));
    const inbox = sqliteInbox({ path });
    await inbox.open();
    for (const line of child.lines) expect(await inbox.put(hintFor(line))).toBe('coalesced');
    await inbox.close();
  }
}, 60_000);

test('every unit that was committed before a SIGKILL is there after it, and no hint is lost or stuck', async () => {
  const path = file();
  const inbox = sqliteInbox({ path });
  await inbox.open();
  const ids = Array.from({ length: 2_000 }, (_, i) => i);
  await Promise.all(ids.map((id) => inbox.put(hintFor(id))));
  await inbox.close();
  const committed = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const child = new Child(path);
    await child.call('open');
    await child.call('work');
    await child.written(100 + 100 * round);
    await child.kill();
    for (const line of child.lines) committed.add(line.slice(2));
  }
  const after = closing(sqliteInbox({ path }));
  await after.open();
  for (const key of committed) expect(await after.state(key)).toBe(`of ${key}`);
  const { hints } = await after.backlog();
  // who was killed no longer holds anything: all that is left is due at once
  const left = await after.claim(5_000, Date.now(), LEASE);
  expect(left).toHaveLength(hints);
  const without = ids.map(String).filter((id) => !left.some(({ key }) => key === keyFor(id)));
  for (const id of without) expect(await after.state(keyFor(id))).toBe(`of ${keyFor(id)}`);
}, 60_000);

test('wherever the log of the queue is cut, what was acknowledged before is there', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const queue = `${path}-queue`;
  const acknowledged: { frames: number; id: number }[] = [];
  for (let id = 0; id < 40; id++) {
    await inbox.put(hintFor(id));
    acknowledged.push({ id, frames: frames(`${queue}-wal`) });
  }
  const last = acknowledged.at(-1)?.frames ?? 0;
  expect(last).toBeGreaterThan(80);
  for (let cut = 0; cut <= last; cut++) {
    const copy = join(folder(), 'copy.db');
    copyFileSync(queue, `${copy}-queue`);
    copyFileSync(`${queue}-wal`, `${copy}-queue-wal`);
    // half a frame more, as a machine may leave it
    truncateSync(`${copy}-queue-wal`, 32 + cut * FRAME + (cut < last ? 2_000 : 0));
    const again = sqliteInbox({ path: copy });
    await again.open();
    const there = new Set((await again.claim(100, Date.now(), LEASE)).map(({ key }) => key));
    for (const { frames, id } of acknowledged) {
      if (frames <= cut) expect(there.has(keyFor(id)), `hint ${id} with ${cut} frames`).toBe(true);
    }
    await again.close();
  }
}, 60_000);

test('wherever the log of the states is cut, a unit is there whole or not at all', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const done: { frames: number; id: number }[] = [];
  for (let id = 0; id < 8; id++) {
    await inbox.put(hintFor(id));
    const [claim] = await inbox.claim(1, Date.now(), LEASE);
    if (claim === undefined) throw new Error('a hint is due');
    const { key } = claim;
    await inbox.commit(unitFor(claim, { credits: [creditFor(key)], events: [eventFor(key, key)] }));
    done.push({ id, frames: frames(`${path}-wal`) });
    await inbox.complete(claim, Date.now());
  }
  const last = done.at(-1)?.frames ?? 0;
  for (let cut = 0; cut <= last; cut++) {
    const copy = join(folder(), 'copy.db');
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    truncateSync(`${copy}-wal`, 32 + cut * FRAME);
    const again = sqliteInbox({ path: copy });
    await again.open();
    const credits = new Set((await again.credits({})).map(({ key }) => key));
    const deliveries = new Set((await again.claimDeliveries(100, Date.now(), LEASE)).map(({ key }) => key));
    for (const { id, frames } of done) {
      const parts = [
        (await again.state(keyFor(id))) !== undefined,
        credits.has(keyFor(id)),
        deliveries.has(keyFor(id)),
      ];
      expect(new Set(parts).size, `unit ${id} with ${cut} frames: ${parts}`).toBe(1);
      if (frames <= cut) expect(parts[0]).toBe(true);
    }
    await again.close();
  }
}, 60_000);

test('the loss of the queue file credits nothing twice, and fences what was claimed before', async () => {
  const path = file();
  const inbox = sqliteInbox({ path });
  await inbox.open();
  await inbox.put(hintFor(1));
  const [old] = await inbox.claim(1, Date.now(), LEASE);
  if (old === undefined) throw new Error('a hint is due');
  await inbox.commit(unitFor(old, { credits: [creditFor('c')], events: [eventFor('e', old.key)] }));
  await inbox.close();
  // tokens of a new file begin at its time in seconds
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  writeFileSync(`${path}-queue`, '');
  const again = closing(sqliteInbox({ path }));
  await again.open();
  await again.put(hintFor(1));
  const [claim] = await again.claim(1, Date.now(), LEASE);
  if (claim === undefined) throw new Error('a hint is due');
  expect(claim.token).toBeGreaterThan(old.token);
  await expect(again.commit(unitFor(old))).rejects.toThrow(/lease/);
  await again.commit(unitFor(claim, { credits: [creditFor('c')], events: [eventFor('e', claim.key)] }));
  expect(await again.credits({})).toHaveLength(1);
  expect(await again.claimDeliveries(10, Date.now(), LEASE)).toHaveLength(1);
});

const FRAME = 24 + 4_096;

/** Frames of a log that belong to it: those that repeat the two random numbers of its header. */
function frames(path: string): number {
  const bytes = readFileSync(path);
  const salt = bytes.subarray(16, 24);
  let count = 0;
  while (bytes.subarray(32 + count * FRAME + 8, 32 + count * FRAME + 16).equals(salt)) count++;
  return count;
}
