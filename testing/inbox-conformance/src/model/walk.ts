import assert from 'node:assert/strict';
import type { ConformanceCase, InboxFactory } from '../under-test.ts';
import { Random } from './random.ts';
import { OPERATIONS, type Step } from './steps.ts';
import { Walker } from './walker.ts';

export interface WalkOptions {
  /** Walks, each with an inbox of its own. Default 300. */
  readonly runs?: number;
  /** Steps of a walk. Default 60. */
  readonly steps?: number;
  /** The same seed makes the same walks. Default: another each time; a failure names it. */
  readonly seed?: number;
}

/** Inboxes made at most to find a shorter walk that fails too. */
const SHRINKING = 400;

/**
 * Random sequences of calls and of time passing, each answer compared with a plain model. A failure is shortened and
 * says its seed.
 */
export async function walks(make: InboxFactory, options: WalkOptions = {}): Promise<void> {
  const { runs = 300, steps: length = 60, seed = Math.floor(Math.random() * 2 ** 31) } = options;
  const random = new Random(seed);
  for (let run = 1; run <= runs; run++) {
    const steps = Array.from({ length }, (): Step => {
      const op = OPERATIONS[random.below(OPERATIONS.length)] ?? 'put';
      return { op, a: random.below(1_000), b: random.below(1_000), c: random.below(1_000) };
    });
    const failure = await walk(make, steps);
    if (failure === undefined) continue;
    const shortest = await shrink(make, failure);
    assert.fail(
      [
        `Walk ${run} of { runs: ${runs}, steps: ${length}, seed: ${seed} } went wrong:`,
        ...shortest.trace,
        shortest.error.message,
      ].join('\n'),
    );
  }
}

/** A few walks that are the same each time; `walks` makes more. */
export const walkCase: ConformanceCase = {
  name: 'random walks: agrees with a plain model of an inbox',
  run: (make) => walks(make, { runs: 40, seed: 1 }),
};

interface Failure {
  /** Up to the one that went wrong. */
  readonly steps: readonly Step[];
  readonly trace: readonly string[];
  readonly error: Error;
}

async function walk(make: InboxFactory, steps: readonly Step[]): Promise<Failure | undefined> {
  const subject = await make();
  const walker = new Walker(subject);
  try {
    await walker.open();
    for (const [index, step] of steps.entries()) {
      try {
        await walker.take(step);
      } catch (reason) {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        return { steps: steps.slice(0, index + 1), trace: walker.trace, error };
      }
    }
    return undefined;
  } finally {
    await walker.close();
    await subject.dispose?.();
  }
}

/** Leaves out what is not needed to go wrong: halves first, then single steps. */
async function shrink(make: InboxFactory, found: Failure): Promise<Failure> {
  let best = found;
  let left = SHRINKING;
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = best.steps.length - size; from >= 0 && left > 0; from -= size, left--) {
      const fewer = [...best.steps.slice(0, from), ...best.steps.slice(from + size)];
      best = (await walk(make, fewer)) ?? best;
      from = Math.min(from, best.steps.length);
    }
  }
  return best;
}
