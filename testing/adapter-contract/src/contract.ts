import { describe } from 'vitest';
import { answersContract } from './answers.ts';
import type { Driver } from './driver.ts';
import { lifeContract } from './life.ts';
import { mountContract } from './mounting.ts';

/**
 * Holds an adapter to one behaviour: the same notification gets the same status, the same body and the same headers of
 * ours in every framework and every mount, byte by byte. To be called in a test file of vitest.
 * @param name of the framework, with its major
 * @param timeout milliseconds for each test
 */
export function adapterContract(name: string, driver: Driver, timeout: number = 60_000): void {
  for (const [mount, { leaves, parser, postOnly }] of Object.entries(driver.mounts)) {
    describe(`${name}, ${mount}`, { timeout }, () => {
      const given = { driver, mount, leaves, parser, postOnly: postOnly === true, timeout };
      answersContract(given);
      mountContract(given);
      lifeContract(given);
    });
  }
}
