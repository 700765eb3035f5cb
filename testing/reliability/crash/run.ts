// A long run: node --conditions=@talo/source crash/run.ts --kills 1000 --seed 1
import { parseArgs } from 'node:util';
import { crash, FAILPOINTS } from './crash.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const started = performance.now();
const report = await crash({
  seed: Number(values.seed),
  kills: Number(values.kills),
  failpoints: FAILPOINTS,
});
const held =
  report.credited === report.bank &&
  report.effects.sum === report.bank &&
  report.effects.count === report.transfers &&
  report.paidTold === report.paidAtTalo &&
  report.unexpected.length === 0;
console.log(
  JSON.stringify({ ...report, seconds: Math.round((performance.now() - started) / 1000) }, null, 2),
);
console.log(held ? '✓ nothing lost, nothing double' : '✗ the books do not equal the bank');
process.exitCode = held ? 0 : 1;
