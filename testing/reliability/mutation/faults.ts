import type { ProofName } from './proofs.ts';

/** Text of a source file that is replaced by other text. It is there exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A mistake that somebody could make in the engine. */
export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Each of these proofs has to fail with it. */
  readonly foundBy: readonly ProofName[];
}

const core = 'packages/core/src/webhooks';
const sqlite = 'packages/inbox-sqlite/src';

export const FAULTS: readonly Fault[] = [
  {
    name: 'a notification is answered with 200 before it is stored',
    edits: [
      {
        file: `${core}/receive/store.ts`,
        from: 'stored = await put(queued).catch((error: unknown) => {',
        to: "void clock.setTimeout(() => void put(queued).catch(() => {}), 30);\n    stored = await Promise.resolve('stored' as const).catch((error: unknown) => {",
      },
    ],
    foundBy: ['crash'],
  },
  {
    name: "a handler's writes and its done mark are two commits",
    edits: [
      {
        file: `${sqlite}/sqlite-inbox.ts`,
        from: `        const row = outbox.leasedDelivery(batch, claim);
        runWrites(batch.session, writes);
        outbox.removeDelivery(batch, row, time.last);
      },
      { ...PATIENT, alone },
    );`,
        to: `        outbox.leasedDelivery(batch, claim);
        runWrites(batch.session, writes);
      },
      { ...PATIENT, alone },
    );
    await state.write((batch) => outbox.removeDelivery(batch, outbox.leasedDelivery(batch, claim), time.last), PATIENT);`,
      },
    ],
    foundBy: ['crash'],
  },
  {
    name: 'credits are committed after the events that tell of them',
    edits: [
      {
        file: `${sqlite}/sqlite-inbox.ts`,
        from: `      states.commitUnit(batch, unit);
    }, PATIENT);`,
        to: `      states.commitUnit(batch, { ...unit, credits: [] });
    }, PATIENT);
    await state.write((batch) => states.commitUnit(batch, { ...unit, events: [] }), PATIENT);`,
      },
    ],
    foundBy: ['crash'],
  },
  {
    name: 'what a handler gave up is not listed',
    edits: [
      {
        file: `${sqlite}/outbox.ts`,
        from: `  removeDelivery(batch, row, now);
  addDead(`,
        to: `  removeDelivery(batch, row, now);
  if (now < 0) addDead(`,
      },
    ],
    foundBy: ['crash', 'sqlite'],
  },
  {
    name: 'a second process is not fenced',
    edits: [
      {
        file: `${sqlite}/sqlite-inbox.ts`,
        from: 'if (!holds(queueFile, claim)) throw new Fenced(claim.key);\n      if (!states.isEpoch(batch, epoch)) {',
        to: 'if (!holds(queueFile, claim) && epoch < 0) {',
      },
      {
        file: `${sqlite}/outbox.ts`,
        from: 'if (row === undefined) throw new Fenced(claim.key);\n  return row;',
        to: 'if (row === undefined) return { key: claim.key, handler: claim.handler, event: -1, ready_at: 0 };\n  return row;',
      },
    ],
    foundBy: ['zombie'],
  },
  {
    name: 'the lock of a neighbour is waited for with the thread blocked',
    edits: [
      {
        file: `${sqlite}/database-file.ts`,
        from: 'new sqlite.DatabaseSync(path, { timeout: 0 })',
        to: 'new sqlite.DatabaseSync(path, { timeout: 5_000 })',
      },
    ],
    foundBy: ['sqlite'],
  },
  {
    name: 'an async function in commitWith is let through',
    edits: [
      {
        file: `${sqlite}/transaction.ts`,
        from: "return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';",
        to: 'return typeof value === "symbol";',
      },
    ],
    foundBy: ['sqlite'],
  },
  {
    name: 'COMMIT inside of commitWith is let through',
    edits: [
      { file: `${sqlite}/transaction.ts`, from: "  'COMMIT',\n", to: '' },
      {
        file: `${sqlite}/transaction.ts`,
        from: 'if (!db.isTransaction) {',
        to: 'if (db.isTransaction === undefined) {',
      },
    ],
    foundBy: ['sqlite'],
  },
  {
    name: 'a unit that failed in the middle is committed as far as it got',
    edits: [
      {
        file: `${sqlite}/group-commit.ts`,
        from: "if (db.isTransaction) db.exec('ROLLBACK');",
        to: "if (db.isTransaction) db.exec('COMMIT');",
      },
    ],
    foundBy: ['sqlite'],
  },
  {
    name: 'a hint that comes during a look is completed with it',
    edits: [
      {
        file: `${core}/inbox/memory-hints.ts`,
        from: 'row.idle = row.generation === claim.generation;',
        to: 'row.idle = true;',
      },
      {
        file: `${sqlite}/hints.ts`,
        from: 'const phase = newer !== null ? WAITS : again === undefined ? SPENT : RESTS;',
        to: 'const phase = again === undefined ? SPENT : RESTS;',
      },
    ],
    foundBy: ['order', 'conformance', 'sqlite'],
  },
  {
    name: 'nothing keeps two looks apart',
    edits: [{ file: `${core}/look/pace.ts`, from: 'const FLOOR_MS = 1_000;', to: 'const FLOOR_MS = 1;' }],
    foundBy: ['storm', 'upstream'],
  },
  {
    name: 'an older snapshot is believed',
    edits: [
      {
        file: `${core}/look/diff.ts`,
        from: 'const stale = older || (lacking && seen.final !== true);',
        to: 'const stale = lacking && seen.final !== true;',
      },
    ],
    foundBy: ['order'],
  },
  {
    name: 'a snapshot that lacks a transfer is believed at once',
    edits: [
      {
        file: `${core}/look/diff.ts`,
        from: 'const stale = older || (lacking && seen.final !== true);',
        to: 'const stale = older;',
      },
    ],
    foundBy: ['order'],
  },
  {
    name: 'what a notification told of and Talo does not show at once is left to the timed looks',
    edits: [
      {
        file: `${core}/look/look.ts`,
        from: 'const early = missed ? earlyLook(news, claim.attempts) : undefined;',
        to: 'const early = missed && claim.attempts < 0 ? earlyLook(news, claim.attempts) : undefined;',
      },
    ],
    foundBy: ['order'],
  },
  {
    name: 'a payment is another under each spelling of its id',
    edits: [
      {
        file: `${core}/look/confirm.ts`,
        from: 'const id = await keptAs(place, payment.id, known !== undefined, nameOf, inbox);',
        to: 'const id = await keptAs(place, payment.id, known !== undefined || resource.id !== "", nameOf, inbox);',
      },
    ],
    foundBy: ['sqlite'],
  },
  {
    name: '"not found" is taken for "never"',
    edits: [
      {
        file: `${core}/look/failure.ts`,
        from: 'if (isFinal(error) && now - claim.since >= limit) {',
        to: 'if (isFinal(error) && limit > 0) {',
      },
    ],
    foundBy: ['order', 'simulation', 'crash'],
  },
  {
    name: 'an answer 5xx is the end of a hint',
    edits: [
      {
        file: `${core}/look/failure.ts`,
        from: 'return error.status >= 400 && error.status < 500 && ![401, 403, 408, 429].includes(error.status);',
        to: 'return error.status >= 400;',
      },
      {
        file: `${core}/look/failure.ts`,
        from: 'if (isFinal(error) && now - claim.since >= limit) {',
        to: 'if (isFinal(error) && (now - claim.since >= limit || (error as TaloApiError).status >= 500)) {',
      },
    ],
    foundBy: ['upstream', 'simulation'],
  },
  {
    name: 'Retry-After is not heard',
    edits: [
      {
        file: `${core}/look/failure.ts`,
        from: 'Math.min(error.retryAfter ?? 0, LARGEST_DELAY_MS)',
        to: '0',
      },
      {
        file: `${core}/guard/account-lanes.ts`,
        from: 'Math.min(longest, asked ?? FIRST_PAUSE_MS * 2 ** lane.failures);',
        to: 'Math.min(longest, FIRST_PAUSE_MS * 2 ** lane.failures);',
      },
    ],
    foundBy: ['upstream'],
  },
  {
    name: "one account's refusal pauses every account",
    edits: [
      {
        file: `${core}/look/look.ts`,
        from: 'const wait = lanes.enter(place.accountId, clock.now());',
        to: "const wait = lanes.enter('', clock.now());",
      },
      {
        file: `${core}/look/look.ts`,
        from: 'lanes.leave(place.accountId, failure, clock.now());',
        to: "lanes.leave('', failure, clock.now());",
      },
    ],
    foundBy: ['upstream', 'life'],
  },
  {
    name: 'what was put off by a clock that went back stays put off',
    edits: [
      {
        file: `${sqlite}/queue-upkeep.ts`,
        from: "'UPDATE talo_hints SET floor = min(floor, ?), due_at = min(due_at, ?), set_at = ? WHERE set_at > ?',",
        to: "'UPDATE talo_hints SET floor = min(floor, ?), due_at = min(due_at, ?), set_at = ? WHERE set_at > ? + 1e15',",
      },
    ],
    foundBy: ['clock', 'sqlite'],
  },
  {
    name: "a token's life is held against our clock",
    edits: [
      {
        file: 'packages/core/src/http/access-token.ts',
        from: "return Math.max(MINUTE_MS, exp * 1000 - (typeof iat === 'number' ? iat * 1000 : clock.now()));",
        to: 'return exp * 1000 - clock.now();',
      },
    ],
    foundBy: ['clock'],
  },
  {
    name: 'whoever made a payment is not asked',
    edits: [
      {
        file: `${core}/look/provenance.ts`,
        from: "if (payment.userId !== place.accountId) return 'other-account';",
        to: "if (payment.userId !== '') return 'proven';",
      },
    ],
    foundBy: ['fraud', 'simulation', 'crash', 'reconcile'],
  },
  {
    name: 'a payment of ours at another price is ours',
    edits: [
      {
        file: `${core}/look/provenance.ts`,
        from: "if (signed && price !== payment.price?.centavos) return 'price-differs';\n",
        to: '',
      },
    ],
    foundBy: ['fraud'],
  },
  {
    name: 'an old address of an order signs the price that it had',
    edits: [
      {
        file: `${core}/look/provenance.ts`,
        from: "return anchor === undefined || same(anchor.price, price) ? 'proven' : 'replaced';",
        to: "return 'proven';",
      },
    ],
    foundBy: ['fraud'],
  },
  {
    name: 'a wrong MAC counts as none',
    edits: [
      {
        file: `${core}/receive/verify.ts`,
        from: "if (verified === 'wrong') return 'wrong';\n  if (verified === 'missing')",
        to: "if (verified === 'wrong' || verified === 'missing')",
      },
      {
        file: `${core}/receive/verify.ts`,
        from: "if (typeof unsigned !== 'function') return unsigned === 'accept';",
        to: "if (typeof unsigned !== 'function') return true;",
      },
    ],
    foundBy: ['fraud', 'hostile'],
  },
  {
    name: "a customer's address speaks for every customer",
    edits: [
      {
        file: `${core}/receive/verify.ts`,
        from: "if (notification.kind === 'customer' && notification.customerId !== scope.id) return 'wrong';",
        to: '',
      },
    ],
    foundBy: ['fraud', 'hostile'],
  },
  {
    name: 'invented ids cost as many looks as are asked for',
    edits: [
      {
        file: `${core}/guard/budget.ts`,
        from: 'return charge(this.#queued, name, allowance.queue, now);',
        to: 'return 0 * charge(this.#queued, name, allowance.queue, now);',
      },
    ],
    foundBy: ['fraud', 'hostile'],
  },
  {
    name: "one order's address has every payment looked at",
    edits: [
      {
        file: `${core}/receive/store.ts`,
        from: "if (!own) return 'crowded';",
        to: '',
      },
    ],
    foundBy: ['hostile'],
  },
  {
    name: 'a demoted secret authenticates',
    edits: [
      {
        file: `${core}/receive/verify.ts`,
        from: 'return { authenticated: !demoted, scope, mismatch };',
        to: 'return { authenticated: true || demoted, scope, mismatch };',
      },
    ],
    foundBy: ['life', 'hostile'],
  },
  {
    name: 'the net amount is credited',
    edits: [
      {
        file: `${core}/look/movements.ts`,
        from: 'return { ...(gross && { gross }),',
        to: 'return { ...((net ?? gross) && { gross: net ?? gross }),',
      },
    ],
    foundBy: ['simulation', 'crash'],
  },
  {
    name: 'an amount that Talo did not say is the net one',
    edits: [
      {
        file: `${core}/look/movements.ts`,
        from: 'return { ...(gross && { gross }),',
        to: 'return { ...((gross ?? net) && { gross: gross ?? net }),',
      },
    ],
    foundBy: ['simulation'],
  },
  {
    name: 'three decimals are rounded',
    edits: [
      {
        file: 'packages/core/src/models/read.ts',
        from: "value.replace(/(\\.\\d\\d)0+$/, '$1')",
        to: "value.replace(/(\\.\\d\\d)\\d+$/, '$1').replace(/(\\d)$/, (digit) => digit === '9' ? '9' : String(Number(digit) + 1))",
      },
    ],
    foundBy: ['simulation'],
  },
  {
    name: 'a state of a transfer that nobody knows is credited',
    edits: [
      {
        file: `${core}/look/movements.ts`,
        from: ": status === 'PROCESSED');",
        to: ': !TAKEN_BACK.test(status));',
      },
      {
        file: `${core}/look/movements.ts`,
        from: 'credited ? TAKEN_BACK.test(status)',
        to: "credited ? status !== 'PROCESSED'",
      },
    ],
    foundBy: ['simulation', 'crash'],
  },
  {
    name: 'what is taken back stays credited',
    edits: [
      {
        file: `${core}/look/movements.ts`,
        from: 'credited ? TAKEN_BACK.test(status)',
        to: 'credited ? false',
      },
    ],
    foundBy: ['simulation', 'crash', 'order'],
  },
  {
    name: 'what Talo says first of a payment that was SUCCESS is its last word',
    edits: [
      {
        file: `${core}/look/diff.ts`,
        from: 'const credits = transactions.movements;',
        to: 'const credits = known.paid === true ? [] : transactions.movements;',
      },
    ],
    foundBy: ['simulation', 'crash'],
  },
  {
    name: 'a state that comes again has the id of the first time',
    edits: [{ file: `${core}/look/teller.ts`, from: 'fingerprint, String(times))', to: 'fingerprint)' }],
    foundBy: ['simulation', 'crash'],
  },
  {
    name: 'a refund is entered each time that it is seen',
    edits: [
      {
        file: `${core}/look/refunds.ts`,
        from: "name: ['refund', transactionId] };",
        to: "name: ['refund', transactionId + entries++] };",
      },
      {
        file: `${core}/look/refunds.ts`,
        from: 'return [...stated, ...whole].filter(({ transactionId }) => !entered.includes(transactionId));',
        to: 'return entered.length > 99 ? [] : [...stated, ...whole];',
      },
      {
        file: `${core}/look/refunds.ts`,
        from: 'function refund(',
        to: 'let entries = 0;\nfunction refund(',
      },
    ],
    foundBy: ['simulation'],
  },
  {
    name: 'nobody looks at a payment after its end',
    edits: [
      {
        file: `${core}/reconcile/schedule.ts`,
        from: 'const AFTER_END_MS = [MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS] as const;',
        to: 'const AFTER_END_MS: readonly number[] = [];',
      },
    ],
    foundBy: ['reconcile'],
  },
  {
    name: 'a row of the ledger that nothing stands for is passed over',
    edits: [
      {
        file: `${core}/reconcile/account-pass.ts`,
        from: 'if (before.length > 0) {',
        to: 'if (before.length > 10 ** 6) {',
      },
    ],
    foundBy: ['reconcile', 'simulation'],
  },
  {
    name: 'what was there before us is told',
    edits: [
      {
        file: `${core}/look/state.ts`,
        from: 'return baseline !== undefined && date',
        to: 'return baseline === -1 && date',
      },
    ],
    foundBy: ['life', 'reconcile'],
  },
  {
    name: "an event's id depends on when it was seen",
    edits: [
      {
        file: `${core}/look/teller.ts`,
        from: 'return [environment, accountId, resource.kind, this.#id];',
        to: 'return [environment, accountId, resource.kind, this.#id, String(Math.floor(this.#seen.at.getTime() / 60_000))];',
      },
    ],
    foundBy: ['life'],
  },
  {
    name: 'merchants with the same ids share a credit',
    edits: [
      {
        file: `${core}/look/commit.ts`,
        from: 'key: JSON.stringify([environment, accountId, resource.kind,',
        to: 'key: JSON.stringify([environment, resource.kind,',
      },
    ],
    foundBy: ['life'],
  },
  {
    name: 'work under way is not given back at a stop',
    edits: [
      {
        file: `${core}/worker.ts`,
        from: 'await inbox.release([...this.#looks], [...this.#deliveries], clock.now());',
        to: 'await inbox.release([], [], clock.now());',
      },
    ],
    foundBy: ['deploys'],
  },
];
