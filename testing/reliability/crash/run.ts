// A long run: node --conditions=@talo/source crash/run.ts --kills 1000 --seed 1
import { parseArgs } from 'node:util';
import { crash, FAILPOINTS, wrongOf } from './crash.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const started = performance.now();
const report = await crash({
  seed: Number(values.seed),
  kills: Number(values.kills),
  failpoints: FAILPOINTS,
});
const wrong = wrongOf(report);
console.log(
  JSON.stringify({ ...report, seconds: Math.round((performance.now() - started) / 1000) }, null, 2),
);
console.log(wrong.length === 0 ? '✓ nothing lost, nothing double' : `✗ ${wrong.join('; ')}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
