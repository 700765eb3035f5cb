// crash:matrix --seed 1 [--kill] [--most 500] [--minutes 20] [--lanes 2] [--shape 'paid exactly'] [--point after:commit:1]
// Without --kill applications die inside this process, with their connections cut; with it each is a process that gets SIGKILL.
import { parseArgs } from 'node:util';
import { bound, matrix } from './matrix.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kill: { type: 'boolean', default: false },
    most: { type: 'string' },
    minutes: { type: 'string' },
    lanes: { type: 'string', default: '1' },
    shape: { type: 'string' },
    point: { type: 'string' },
  },
});
const started = performance.now();
const report = await matrix({
  seed: Number(values.seed),
  where: values.kill ? 'apart' : 'here',
  lanes: Number(values.lanes),
  ...(values.most !== undefined && { most: Number(values.most) }),
  ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
  ...(values.shape !== undefined && { shape: values.shape }),
  ...(values.point !== undefined && { point: values.point }),
  progress(played, of) {
    if (played % 100 === 0) process.stderr.write(`${played} of ${of}\n`);
  },
});
console.log(
  JSON.stringify({ ...report, seconds: Math.round((performance.now() - started) / 1000) }, null, 2),
);
const held = report.wrong.length === 0;
console.log(
  held
    ? `✓ ${report.died} deaths, nothing lost, nothing double: ${bound(report.died)}`
    : `✗ ${report.wrong.length} things are wrong; repeat one with its --shape and --point`,
);
process.exitCode = held ? 0 : 1;
