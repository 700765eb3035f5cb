// Strangers send thousands of requests per second while money comes in:
// node --conditions=@talo/source load/run-hostile.ts --rate 2000 --transfers 5 --seconds 30 --seed 1
import { parseArgs } from 'node:util';
import { Report } from '@talo/bench/lib/report.ts';
import { median, quantile, spread } from '@talo/bench/lib/statistics.ts';
import { type Age, agesOf, type Transfer } from './ages.ts';
import { hostile } from './hostile.ts';
import { ATTACKED } from './money.ts';

const TARGET_MS = 5_000;
const WINDOW_MS = 5_000;

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    transfers: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    /** Signed addresses that strangers know: customer, payment, both with a comma, or none. */
    leaks: { type: 'string', default: 'customer,payment' },
    /** Transfers to customers can be read by the ids of Talo's ledger: whether that is so nobody knows. */
    'ledger-ids': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const plan = {
  seed: Number(values.seed),
  perSecond: Number(values.rate),
  transfersPerSecond: Number(values.transfers),
  ledgerIdsReadable: values['ledger-ids'],
  leaks: (['customer', 'payment'] as const).filter((leak) => values.leaks.split(',').includes(leak)),
  seconds: { before: 10, hostile: Number(values.seconds), after: 15 },
};
const report = new Report('Hostile traffic: money that waits while strangers knock', {
  seed: plan.seed,
  'hostile per second': plan.perSecond,
  'transfers per second': plan.transfersPerSecond,
  'leaked addresses': plan.leaks.join(' and ') || 'none',
  'ids of the ledger can be read': String(plan.ledgerIdsReadable),
  'seconds before, hostile, after': Object.values(plan.seconds).join(', '),
});
const { load, laps, answers, transfers, ages, lanes, books, foreign, unexplained } = await hostile(plan);

const { p50, p99, p999 } = spread(load.times);
report.table(
  `Strangers: ${load.times.length} requests, answered in p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(1)}, p99.9 ${p999.toFixed(1)} ms`,
  ['kind', 'answers', 'not allowed'],
  [...answers].map(([kind, { statuses, wrong }]) => [kind, JSON.stringify(statuses), wrong]),
);

report.table(
  'The receiver',
  ['', 'CPU of one core', 'longest stall ms'],
  [
    ['before', laps.before.cpuUs / 1e6 / plan.seconds.before, laps.before.stallMs],
    ['hostile', laps.hostile.cpuUs / 1e6 / load.seconds, laps.hostile.stallMs],
  ],
);

const begin = ages.before[0]?.at ?? 0;
const windows = grouped([...ages.before, ...ages.hostile, ...ages.after], ({ at }) =>
  String(Math.floor((at - begin) / WINDOW_MS) * (WINDOW_MS / 1000)),
);
report.table(
  'Age of the oldest undelivered transfer, over time',
  ['second', 'median s', 'most s'],
  [...windows].map(([second, list]) => {
    const seconds = list.map(({ ms }) => ms / 1000);
    return [second, median(seconds), Math.max(...seconds)];
  }),
);
const p99Of = (list: readonly Age[]) =>
  quantile(
    list.map(({ ms }) => ms),
    0.99,
  ) / 1000;
report.table(
  'The same by phase, p99 in seconds',
  ['before (control)', 'hostile', 'after (control)'],
  [[p99Of(ages.before), p99Of(ages.hostile), p99Of(ages.after)]],
);
const groups = grouped(transfers, ({ group }) => group);
report.table(
  'From the bank to the handler',
  ['', 'transfers', 'p50 s', 'p99 s', 'most s', 'undelivered at the end'],
  [...groups].map(([group, list]) => {
    const { p50, p99, max } = spread(list.flatMap(secondsOf));
    return [
      group,
      list.length,
      p50,
      p99,
      max,
      list.filter((transfer) => transfer.deliveredAt === undefined).length,
    ];
  }),
);
report.table(
  "Talo's GETs for what nobody had seen",
  ['lane', 'GETs', 'allowed by then', 'most over'],
  lanes.map(({ lane, gets, allowed, excess }) => [lane, gets, allowed, excess]),
);

const [from = 0, to = 0] = [ages.hostile[0]?.at, ages.after.at(-1)?.at];
for (const [whose, list] of [
  ['everybody but the attacked customer', transfers.filter(({ group }) => group !== ATTACKED)],
  [ATTACKED, transfers.filter(({ group }) => group === ATTACKED)],
] as const) {
  const age = p99Of(agesOf(list, from, to));
  const target = `age of the oldest undelivered transfer, ${whose}: p99 < ${TARGET_MS / 1000} s`;
  report.target(target, age < TARGET_MS / 1000, `${age.toFixed(2)} s`);
}
for (const { lane, excess, gets, allowed } of lanes) {
  report.must(`GET budget of lane ${lane}`, excess <= 0, `${gets} of ${allowed}`);
}
const wrong = [...answers.values()].reduce((sum, of) => sum + of.wrong, 0);
report.must('every answer is one that its kind allows', wrong === 0, `${wrong} are not`);
const told = Object.entries(foreign).map(([type, count]) => `${count} ${type}`);
report.must(
  "of a stranger's payment nothing is told but payment.foreign",
  Object.keys(foreign).every((type) => type === 'payment.foreign'),
  told.join(', ') || 'nothing',
);
const sum = books.effects.reduce((total, { centavos }) => total + centavos, 0);
report.must(
  'each transfer that was delivered had one effect and one credit',
  unexplained === 0 && books.credited === sum,
  `credited ${books.credited}, effects ${sum} centavos, ${unexplained} unexplained`,
);
const letters = books.dead.filter(({ handler }) => handler !== undefined).length;
report.must('no handler gave up', letters === 0, `${letters} dead deliveries`);
report.end(values);

function secondsOf({ at, deliveredAt }: Transfer): number[] {
  return deliveredAt === undefined ? [] : [(deliveredAt - at) / 1000];
}

function grouped<T>(list: readonly T[], by: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of list) groups.set(by(value), [...(groups.get(by(value)) ?? []), value]);
  return groups;
}
