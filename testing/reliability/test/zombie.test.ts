import { expect, test } from 'vitest';
import { ZOMBIE_POINTS, zombie } from '../crash/zombie.ts';

// ZOMBIES=all for every point
const points =
  process.env['ZOMBIES'] === 'all'
    ? ZOMBIE_POINTS
    : ['after:GET:1', 'before:commit:1', 'after:first:1', 'before:finish:1'];

test.each(points)(
  'a process that is stopped at %s and goes on after another took over changes nothing any more',
  async (point) => {
    const { fenced, wrong, transfers } = await zombie(point);
    expect(wrong).toEqual([]);
    expect(transfers).toBe(8);
    expect(fenced, 'what it had in its hands was refused').toBeGreaterThan(0);
  },
  60_000,
);
