import { POINTS } from './points.ts';
import { SHAPES, type Shape } from './shapes.ts';
import { trial, type Where } from './trial.ts';

export interface MatrixPlan {
  /** Chooses the order, and with `most` what is left out. */
  readonly seed: number;
  readonly where: Where;
  /** Combinations at most; default all. */
  readonly most?: number;
  /** No combination is begun after so many minutes. */
  readonly minutes?: number;
  /** At a time. */
  readonly lanes?: number;
  readonly point?: string;
  readonly shape?: string;
  /** Called after each combination. */
  readonly progress?: (played: number, of: number) => void;
}

export interface MatrixReport {
  readonly points: number;
  readonly shapes: number;
  /** How many there are, whatever was played. */
  readonly combinations: number;
  /** Combinations played, those in which the application died at the point, and those that never get there. */
  readonly played: number;
  readonly died: number;
  readonly neverThere: number;
  readonly transfers: number;
  readonly events: number;
  /** Points at which nothing died, whatever the shape. */
  readonly unreached: readonly string[];
  readonly wrong: readonly string[];
}

/** Every named point with every shape of events: an application dies there, is started again, and nothing is wrong. */
export async function matrix({
  seed,
  where,
  most,
  minutes = Number.POSITIVE_INFINITY,
  lanes = 1,
  progress,
  ...only
}: MatrixPlan): Promise<MatrixReport> {
  const points = POINTS.filter((point) => point === (only.point ?? point));
  const shapes = SHAPES.filter(({ name }) => name === (only.shape ?? name));
  const all = shuffled(
    shapes.flatMap((shape) => points.map((point) => ({ shape, point }))),
    seed,
  );
  const chosen = all.slice(0, most);
  const report = { played: 0, died: 0, transfers: 0, events: 0 };
  const reached = new Set<string>();
  const wrong: string[] = [];
  const end = performance.now() + minutes * 60_000;
  const todo = chosen[Symbol.iterator]();
  const lane = async () => {
    for (const { shape, point } of todo) {
      if (performance.now() > end) break;
      const played = await attempt(shape, point, where);
      report.played++;
      report.transfers += played.transfers;
      report.events += played.events;
      if (played.died) {
        report.died++;
        reached.add(point);
      }
      for (const what of played.wrong) wrong.push(`--shape '${shape.name}' --point ${point}: ${what}`);
      progress?.(report.played, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return {
    points: points.length,
    shapes: shapes.length,
    combinations: all.length,
    ...report,
    neverThere: report.played - report.died,
    unreached: points.filter((point) => !reached.has(point)),
    wrong,
  };
}

async function attempt(shape: Shape, point: string, where: Where): ReturnType<typeof trial> {
  try {
    return await trial(shape, point, where);
  } catch (error) {
    return {
      died: false,
      events: 0,
      transfers: 0,
      wrong: [error instanceof Error ? error.message : String(error)],
    };
  }
}

/** Nothing wrong in n runs: with 95 % confidence it goes wrong in less than 3 of n. */
export function bound(runs: number): string {
  if (runs === 0) return 'nothing died, so this says nothing';
  return `0 of ${runs} means less than ${((3 / runs) * 100).toFixed(2)} % with 95 % confidence (3/n)`;
}

/** In an order that a seed chooses (Fisher-Yates over a linear congruential generator). */
export function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const result = [...list];
  let state = seed >>> 0;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    const held = result[i];
    const other = result[j];
    if (held === undefined || other === undefined) continue;
    result[i] = other;
    result[j] = held;
  }
  return result;
}
