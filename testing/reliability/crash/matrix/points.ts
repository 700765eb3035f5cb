import type { Around } from '../life.ts';

/**
 * What leaves a trace, or asks for one: the calls of the inbox, the confirming GET, the handlers, and the write inside
 * the second commit. `remember` keeps what is ours, `marks` how far reconciling got.
 */
const STEPS = [
  'put',
  'watch',
  'claim',
  'GET',
  'state',
  'recall',
  'recallAll',
  'commit',
  'complete',
  'delay',
  'bury',
  'release',
  'claimDeliveries',
  'first',
  'second',
  'broken',
  'write',
  'finish',
  'retry',
  'park',
  'credits',
  'remember',
  'marks',
] as const;

/** Every named point: before and after each step, at its first and its third time. */
export const POINTS: readonly string[] = STEPS.flatMap((step) =>
  ['before', 'after'].flatMap((when) => [1, 3].map((nth) => `${when}:${step}:${nth}`)),
);

export interface Striker {
  readonly struck: boolean;
  /** To be called at each step; in a process of its own it does not return when it strikes. */
  strike(step: string): void;
  /** The same for what can wait: never resolves when it has struck. */
  readonly around: Around;
}

/**
 * @param point such as `after:commit:3`; `undefined` never strikes
 * @param act what happens there: it dies, or it is stopped and goes on later
 */
export function strikerAt(
  point: string | undefined,
  act: () => void,
  { deadly = true }: { readonly deadly?: boolean } = {},
): Striker {
  const at = point?.lastIndexOf(':') ?? 0;
  const name = point?.slice(0, at);
  let left = Number(point?.slice(at + 1));
  let struck = false;
  const strike = (step: string) => {
    if (step !== name || --left !== 0) return;
    struck = deadly;
    act();
  };
  return {
    get struck() {
      return struck;
    },
    strike,
    async around(step) {
      strike(step);
      if (struck) await new Promise<never>(() => {});
    },
  };
}
