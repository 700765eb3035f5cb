import type { Type } from '@nestjs/common';
import { TaloConfigError } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';

/** One `TaloModule` of an application. */
export interface Registration {
  readonly name: string | undefined;
  readonly path: string;
  readonly controller: Type;
  readonly webhooks: TaloWebhooks;
  /** The one account of its client; `undefined` with `clientFor`. */
  readonly accountId: string | undefined;
}

/** Never exported from a module, so each finds its own. The name shows when somebody imports `TaloModule` bare. */
export const REGISTRATION = Symbol.for('TaloModule.forRoot({ client, inbox })');

/** @throws TaloConfigError if two modules would answer for one another */
export function checkRegistrations(all: readonly Registration[]): void {
  for (const [index, { name, path }] of all.entries()) {
    for (const earlier of all.slice(0, index)) {
      if (earlier.name === name) {
        const which = name === undefined ? 'without a name' : `named "${name}"`;
        throw new TaloConfigError(
          `There are two TaloModules ${which}. Import one in one place, with isGlobal: true for everybody; for a second account, give it a name and a path: TaloModule.forRoot({ name: 'second', path: '/webhooks/talo-second', … }).`,
        );
      }
      if (earlier.path === path) {
        throw new TaloConfigError(
          `Two TaloModules have the path "${path}", so one would get the notifications of both. Give this one its own: TaloModule.forRoot({ name: '${name ?? 'second'}', path: '${path}-${name ?? 'second'}', … }).`,
        );
      }
    }
  }
}
