// Thousands of hints at once, of few resources, into several processes that share one inbox:
// node --conditions=@talo/source load/run-storm.ts --hints 10000 --resources 100 --receivers 4 --seed 1
import { parseArgs } from 'node:util';
import { Report } from '@talo/bench/lib/report.ts';
import { spread } from '@talo/bench/lib/statistics.ts';
import { type Phase, storm } from './storm.ts';

const { values } = parseArgs({
  options: {
    hints: { type: 'string', default: '10000' },
    resources: { type: 'string', default: '100' },
    receivers: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    'sustained-rate': { type: 'string', default: '500' },
    'sustained-seconds': { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const plan = {
  seed: Number(values.seed),
  hints: Number(values.hints),
  resources: Number(values.resources),
  receivers: Number(values.receivers),
  connections: Number(values.connections),
  sustained: {
    perSecond: Number(values['sustained-rate']),
    seconds: Number(values['sustained-seconds']),
  },
};
const { sustained, ...settings } = plan;
const report = new Report('Storm: far more hints than resources', {
  ...settings,
  'sustained per second': sustained.perSecond,
  'sustained seconds': sustained.seconds,
});
const { burst, sustained: steady, bare, bank, credited, effects, dead, waiting } = await storm(plan);

const answers = ({ load }: Pick<Phase, 'load'>) => {
  const { p50, p99 } = spread(load.times);
  return [Math.round(load.times.length / load.seconds), p50, p99, JSON.stringify(load.statuses)];
};
const [before, after] = bare.map((load) => ['bare route', '', '', ...answers({ load })]);
report.table(
  'Requests',
  ['', 'GETs', 'most of one resource', 'per second', 'p50 ms', 'p99 ms', 'statuses'],
  [
    before ?? [],
    ['burst', burst.gets, burst.mostGets, ...answers(burst)],
    [after?.[0] ?? '', ...(after?.slice(1) ?? [])],
    ['sustained', steady.gets, steady.mostGets, ...answers(steady)],
  ],
);
// one when the first hint comes, one for the hints since; a burst that takes longer than the second between them is a
// sustained load
report.target(
  'at most 2 GETs of one resource in a burst of a second',
  burst.mostGets <= 2,
  `${burst.mostGets} in ${burst.load.seconds.toFixed(1)} s`,
  burst.load.seconds < 1,
);
const rate = Math.max(burst.mostGetsInASecond, steady.mostGetsInASecond);
report.must('at most 1 GET of one resource within a second', rate <= 1, String(rate));
report.must(
  'one effect of each resource',
  effects.count === plan.resources && effects.resources === plan.resources,
  `${effects.count} effects of ${effects.resources} resources`,
);
const books = `bank ${bank}, credited ${credited}, effects ${effects.sum} centavos`;
report.must('credits and effects equal the bank', credited === bank && effects.sum === bank, books);
report.must(
  'nothing is left over',
  dead.length === 0 && waiting === 0,
  `${dead.length} dead, ${waiting} waiting`,
);
report.end(values);
