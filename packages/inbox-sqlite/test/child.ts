// A process of its own, told by its parent what to do: `{ id, call, args }` in, `{ id, value | error }` out.
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { HintClaim } from '@talo/core/webhooks';
import { sqliteInbox } from '../src/index.ts';
import { hintFor, LEASE, unitFor } from './make.ts';

const [path = '', takeover = '10000'] = process.argv.slice(2);
const inbox = sqliteInbox({ path, takeover: Number(takeover) });

let holding: DatabaseSync | undefined;

const calls: Record<string, (...args: never[]) => unknown> = {
  open: () => inbox.open(),
  close: () => inbox.close(),
  put: (id: string) => inbox.put(hintFor(id, { at: Date.now() })),
  claim: () => inbox.claim(100, Date.now(), LEASE),
  claimDeliveries: () => inbox.claimDeliveries(100, Date.now(), LEASE),
  backlog: () => inbox.backlog(),
  commit: (claim: HintClaim, state: string) => inbox.commit(unitFor(claim, { state, now: Date.now() })),
  complete: (claim: HintClaim) => inbox.complete(claim, Date.now()),
  /** Puts without end, 16 at a time, and names each on standard output as soon as it is acknowledged. */
  flood: (from: number) => {
    let next = from;
    const lane = async (): Promise<never> => {
      for (;;) {
        const id = next++;
        await inbox.put(hintFor(id, { at: Date.now() }));
        writeSync(1, `${id}\n`);
      }
    };
    for (let i = 0; i < 16; i++) void lane();
  },
  /** Works without end: claims, commits, completes; names each committed key. */
  work: () => {
    const loop = async (): Promise<never> => {
      for (;;) {
        const claims = await inbox.claim(8, Date.now(), LEASE);
        await Promise.all(
          claims.map(async (claim) => {
            await inbox.commit(unitFor(claim, { state: `of ${claim.key}`, now: Date.now() }));
            writeSync(1, `c ${claim.key}\n`);
            await inbox.complete(claim, Date.now());
          }),
        );
        if (claims.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    void loop();
  },
  /** Holds the write lock of a file, as an application may. */
  hold: (file: string) => {
    holding = new DatabaseSync(file);
    holding.exec('BEGIN IMMEDIATE');
  },
  letGo: () => {
    holding?.exec('COMMIT');
    holding?.close();
  },
};

process.on('message', ({ id, call, args }: { id: number; call: string; args: never[] }) => {
  void Promise.resolve()
    .then(() => calls[call]?.(...args))
    .then(
      (value) => process.send?.({ id, value }),
      (error: Error) => process.send?.({ id, error: error.name }),
    );
});
