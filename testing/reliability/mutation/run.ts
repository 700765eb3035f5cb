// mutation [--proof crash] [--fault 'the net amount is credited']: plants known faults in a copy of the repository, one
// at a time, and sees that the proofs that are to find them fail.
import { parseArgs } from 'node:util';
import { copyRepository } from './copy.ts';
import { FAULTS } from './faults.ts';
import { type ProofName, run } from './proofs.ts';

const { values } = parseArgs({
  options: {
    proof: { type: 'string' },
    fault: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const planned = FAULTS.filter(({ name }) => name === (values.fault ?? name)).flatMap(
  ({ foundBy, ...fault }) =>
    foundBy.filter((proof) => proof === (values.proof ?? proof)).map((proof) => ({ ...fault, proof })),
);
const copy = await copyRepository();
const missed: string[] = [];
const report = (proof: string, fault: string, said: string, seconds: number) => {
  const row = { proof, fault, said, seconds };
  console.log(values.json ? JSON.stringify(row) : `${proof}: ${fault}: ${said} (${seconds} s)`);
};
try {
  // what fails without any fault says nothing with one
  const sound = new Set<ProofName>();
  for (const proof of new Set<ProofName>(planned.map(({ proof }) => proof))) {
    const { held, failed, seconds } = await run(proof, copy.path);
    report(proof, 'no fault', held ? 'holds' : `FAILS: ${failed[0]}`, seconds);
    if (held) sound.add(proof);
    else missed.push(`${proof} without any fault`);
  }
  for (const { name, edits, proof } of planned.filter(({ proof }) => sound.has(proof))) {
    const takeOut = await copy.plant(edits);
    try {
      const { held, failed, seconds } = await run(proof, copy.path);
      report(proof, name, held ? 'MISSED' : `found: ${failed[0]}`, seconds);
      if (held) missed.push(`${proof}: ${name}`);
    } finally {
      await takeOut();
    }
  }
} finally {
  await copy.remove();
}
const faults = new Set(planned.map(({ name }) => name)).size;
console.log(
  missed.length === 0
    ? `✓ ${faults} faults were planted, and found in each of ${planned.length} runs`
    : `✗ not found: ${missed.join('; ')}`,
);
process.exitCode = missed.length === 0 && planned.length > 0 ? 0 : 1;
