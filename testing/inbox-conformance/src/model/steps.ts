/** One step of a walk. What `a`, `b` and `c` choose depends on what is there when it is taken. */
export interface Step {
  readonly op: Operation;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export type Operation =
  | 'put'
  | 'watch'
  | 'advance'
  | 'claim'
  | 'commit'
  | 'complete'
  | 'delay'
  | 'bury'
  | 'release'
  | 'claimDeliveries'
  | 'finish'
  | 'retry'
  | 'park'
  | 'replay'
  | 'remember'
  | 'reopen';

const WEIGHTS: Readonly<Record<Operation, number>> = {
  put: 8,
  watch: 2,
  advance: 6,
  claim: 7,
  commit: 6,
  complete: 4,
  delay: 3,
  bury: 1,
  release: 2,
  claimDeliveries: 5,
  finish: 3,
  retry: 2,
  park: 1,
  replay: 2,
  remember: 1,
  reopen: 1,
};

/** Each operation as often as it is to come up. */
export const OPERATIONS: readonly Operation[] = Object.entries(WEIGHTS).flatMap(([op, weight]) =>
  Array<Operation>(weight).fill(op as Operation),
);
