import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Proof {
  /** Of the package. */
  readonly folder: string;
  /** The tests that are it, as vitest selects files. */
  readonly tests: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const here = 'testing/reliability';
/** Shrinking tells nothing here, and seeds are fixed, so that a run can be repeated. */
const SEEDED = { SEED: '1', SHRINK: '0' };

/** The proofs of docs/reliability.md, each in its shorter form. */
export const PROOFS = {
  simulation: {
    folder: here,
    tests: ['test/simulation.test.ts'],
    variables: { ...SEEDED, RUNS: '300', SQLITE: '10' },
  },
  crash: {
    folder: here,
    tests: ['test/crash.test.ts'],
    variables: { ...SEEDED, KILLS: '16', MATRIX: '120' },
  },
  zombie: { folder: here, tests: ['test/zombie.test.ts'] },
  clock: { folder: here, tests: ['test/clock.test.ts'] },
  order: { folder: here, tests: ['test/order'], variables: SEEDED },
  upstream: { folder: here, tests: ['test/upstream'] },
  fraud: { folder: here, tests: ['test/fraud'] },
  life: { folder: here, tests: ['test/life'] },
  deploys: { folder: here, tests: ['test/deploys'] },
  storm: { folder: here, tests: ['test/storm.test.ts'], variables: SEEDED },
  hostile: { folder: here, tests: ['test/hostile.test.ts'], variables: SEEDED },
  reconcile: { folder: here, tests: ['test/reconcile.test.ts'] },
  sqlite: { folder: 'packages/inbox-sqlite', tests: ['test'] },
  conformance: { folder: 'testing/inbox-conformance', tests: ['test'] },
} as const satisfies Record<string, Proof>;

export type ProofName = keyof typeof PROOFS;

export interface Verdict {
  readonly held: boolean;
  /** The tests that failed. */
  readonly failed: readonly string[];
  readonly seconds: number;
}

/** Longer than any proof takes in its shorter form: one that never ends has failed. */
const LONGEST_MS = 15 * 60_000;

/** Runs a proof in a copy of the repository, up to the first test that fails. */
export async function run(name: ProofName, root: string): Promise<Verdict> {
  const { folder, tests, variables = {} }: Proof = PROOFS[name];
  const output = join(root, 'proof.json');
  await rm(output, { force: true });
  const began = performance.now();
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${output}`, ...tests];
  const child = spawn(process.execPath, args, {
    cwd: join(root, folder),
    env: { ...process.env, ...variables },
    stdio: 'ignore',
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  const [code] = await once(child, 'exit');
  const seconds = Math.round((performance.now() - began) / 1000);
  if (code === 0) return { held: true, failed: [], seconds };
  const failed = await failures(output).catch(() => ['it never ended']);
  // tests that cannot even be loaded prove nothing
  if (failed.length === 0) throw new Error(`${name} could not be run.`);
  return { held: false, failed, seconds };
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function failures(output: string): Promise<readonly string[]> {
  const { testResults } = JSON.parse(await readFile(output, 'utf8')) as Report;
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName.trim()] : [])),
  );
}
