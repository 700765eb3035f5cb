import { backlog } from './cases/backlog.ts';
import { commits } from './cases/commits.ts';
import { deadLetters } from './cases/dead-letters.ts';
import { deliveries } from './cases/deliveries.ts';
import { durable } from './cases/durable.ts';
import { hints } from './cases/hints.ts';
import { looks } from './cases/looks.ts';
import { releases } from './cases/releases.ts';
import { remembered } from './cases/remembered.ts';
import { walkCase } from './model/walk.ts';
import type { ConformanceCase } from './under-test.ts';

export type { WalkOptions } from './model/walk.ts';
export { walks } from './model/walk.ts';
export type { ConformanceCase, InboxFactory, InboxUnderTest, TransactionProbe } from './under-test.ts';

/** What every inbox keeps, a case at a time: `for (const c of inboxConformance) test(c.name, () => c.run(make))`. */
export const inboxConformance: readonly ConformanceCase[] = [
  ...named('hints', hints),
  ...named('looks', looks),
  ...named('releases', releases),
  ...named('commits', commits),
  ...named('remembered', remembered),
  ...named('deliveries', deliveries),
  ...named('dead letters', deadLetters),
  ...named('backlog', backlog),
  ...named('durable', durable),
  walkCase,
];

function named(group: string, cases: readonly ConformanceCase[]): readonly ConformanceCase[] {
  return cases.map((each) => ({ ...each, name: `${group}: ${each.name}` }));
}
