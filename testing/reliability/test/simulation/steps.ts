import type { Fault, SandboxOptions } from '@talo/sandbox';
import fc from 'fast-check';

/** One step of a history. Plain data, so that a failing history shrinks and can be replayed. */
export type Step =
  | { readonly do: 'order'; readonly order: number; readonly centavos: number }
  | { readonly do: 'pay'; readonly order: number; readonly centavos: number }
  /** Pays what is missing of the price, or a little beside it. What comes later is too much. */
  | { readonly do: 'settle'; readonly order: number; readonly beside: number }
  | { readonly do: 'transfer'; readonly customer: number; readonly centavos: number }
  | { readonly do: 'take-back'; readonly transfer: number }
  | { readonly do: 'reprice'; readonly order: number; readonly centavos: number }
  | { readonly do: 'refund'; readonly order: number; readonly centavos: number | undefined }
  /** Talo's own people put a payment through these states, perhaps back and forth, each seen before the next. */
  | { readonly do: 'review'; readonly order: number; readonly statuses: readonly ReviewStatus[] }
  | { readonly do: 'expire'; readonly order: number }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  /** Talo's next answers to a look are under way for so long, and true of the time when they were made. */
  | { readonly do: 'slow-answers'; readonly times: number; readonly ms: number }
  | { readonly do: 'handler-fails'; readonly times: number }
  | { readonly do: 'app-refuses'; readonly times: number }
  /** What was stored and answered with 200 is answered with nothing. */
  | { readonly do: 'lose-answer'; readonly times: number }
  | { readonly do: 'echo'; readonly notice: number; readonly times: number }
  | { readonly do: 'forge'; readonly order: number; readonly centavos: number }
  | { readonly do: 'reconcile'; readonly process: number }
  | { readonly do: 'crash'; readonly process: number }
  /** Stops in order, and begins again: the other one may take over meanwhile. */
  | { readonly do: 'restart'; readonly process: number }
  | { readonly do: 'freeze'; readonly process: number }
  | { readonly do: 'thaw'; readonly process: number };

export type ReviewStatus = 'UNDER_REVIEW' | 'PENDING' | 'REJECTED' | 'CANCELLED' | 'SUCCESS';

/** Mostly the same one, so that much happens to it. */
const order = fc.constantFrom(0, 0, 0, 1, 2);
const process = fc.nat(1);
const amount = fc.integer({ min: 1, max: 5_000_000 });
const times = fc.integer({ min: 1, max: 4 });

const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ status: fc.constantFrom(401, 408, 429, 500, 502, 503), times }),
  fc.record({
    effect: fc.constantFrom('reset', 'lose-response', 'truncate', 'html', 'stale-read', 'not-readable'),
    times,
  }),
);

const reviews = fc.oneof(
  fc.array(fc.constantFrom<ReviewStatus>('UNDER_REVIEW', 'PENDING', 'REJECTED', 'CANCELLED', 'SUCCESS'), {
    minLength: 1,
    maxLength: 3,
  }),
  fc
    .uniqueArray(fc.constantFrom<ReviewStatus>('UNDER_REVIEW', 'PENDING', 'REJECTED', 'CANCELLED'), {
      minLength: 2,
      maxLength: 2,
    })
    .map((two) => [...two, ...two]),
);

const STEPS = {
  order: [5, { order, centavos: amount }],
  pay: [5, { order, centavos: amount }],
  settle: [4, { order, beside: fc.constantFrom(0, 0, -3_000, 3_000) }],
  transfer: [3, { customer: fc.nat(1), centavos: amount }],
  'take-back': [1, { transfer: fc.nat(9) }],
  reprice: [1, { order, centavos: amount }],
  refund: [3, { order, centavos: fc.option(amount, { nil: undefined }) }],
  review: [2, { order, statuses: reviews }],
  expire: [1, { order }],
  pass: [4, { seconds: fc.oneof(fc.nat(5), fc.nat(20_000), fc.constant(110_000)) }],
  fault: [2, { fault: faults }],
  'slow-answers': [2, { times, ms: fc.constantFrom(300, 5_000, 15_000, 40_000) }],
  'handler-fails': [2, { times }],
  'app-refuses': [1, { times }],
  'lose-answer': [1, { times }],
  echo: [2, { notice: fc.nat(9), times }],
  forge: [1, { order, centavos: amount }],
  reconcile: [1, { process }],
  crash: [2, { process }],
  restart: [1, { process }],
  freeze: [1, { process }],
  thaw: [1, { process }],
} as const;

const step = fc.oneof(
  ...Object.entries(STEPS).map(([name, [weight, fields]]) => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(name), ...(fields as object) }),
  })),
) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>;

export interface History {
  /** `sqlite`: two processes on the same files. */
  readonly store: 'memory' | 'sqlite';
  /** Whole pesos by which a payment may miss its price. */
  readonly tolerance: number;
  readonly delivery: { readonly duplicate: number; readonly reverse: boolean; readonly delayMs: number };
  readonly oddities: NonNullable<SandboxOptions['oddities']>;
  readonly steps: readonly Step[];
}

/** Mostly as observed, sometimes otherwise. */
function rarely<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

/** @param sqlite of a hundred histories, how many play on SQLite */
export function histories(sqlite: number): fc.Arbitrary<History> {
  return fc.record({
    store: fc.oneof(
      { weight: 100 - sqlite, arbitrary: fc.constant('memory' as const) },
      { weight: sqlite, arbitrary: fc.constant('sqlite' as const) },
    ),
    tolerance: rarely(0, 50, 10_000),
    delivery: fc.record({
      duplicate: fc.nat(2),
      reverse: fc.boolean(),
      delayMs: fc.constantFrom(0, 0, 40, 5_000),
    }),
    oddities: fc.record({
      lateTransfers: fc.constantFrom('credit', 'keep-expired', 'bounce'),
      readDelayMs: fc.constantFrom(0, 0, 500, 60_000),
      webhookOmitsExternalId: fc.boolean(),
      webhookOnExpiry: fc.boolean(),
      webhookOnApiChanges: fc.boolean(),
      underpaidExpires: fc.boolean(),
      toleranceAbsorbsOverpayment: fc.boolean(),
      refundShows: fc.constantFrom('ledger', 'payment-status'),
      ledgerCustomers: fc.constantFrom('cvu', 'customer_id'),
      ledgerLateRowsMs: rarely(0, 3_600_000),
      ledgerIdsReadable: fc.boolean(),
      grossMissingEvery: rarely(0, 1, 2, 3),
      threeDecimalsEvery: rarely(0, 1, 2, 3),
      settledHidesTransfers: rarely(false, true),
      unknownStatusMs: rarely(0, 3_000, 7_200_000, 10 ** 11),
      // such payments are looked at every ten minutes for ever, so these histories are long
      timestampsMissing: rarely(false, false, false, false, true),
      dateSkewMs: rarely(0, 3_600_000, -3_600_000),
    }),
    steps: fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
  });
}
