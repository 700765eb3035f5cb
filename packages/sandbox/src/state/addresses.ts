import { composeCuit, composeCvu } from '../cvu.ts';
import { Problem } from '../problem.ts';
import type { Destination, Sender } from './records.ts';
import type { World } from './world.ts';

/** The provider's digits in the documented CVUs. */
const PROVIDER = '0000630';

/** A CVU that nobody has, with right check digits. `wanted` is a documented one, given out if still free. */
export function issueCvu(world: World, kind: 'payment' | 'customer', wanted?: string): string {
  if (wanted !== undefined && !world.state.destinations.has(wanted)) return wanted;
  for (;;) {
    const cvu = composeCvu(PROVIDER, world.ids.digits(`${kind} cvu`, 9).padStart(13, '0'));
    if (!world.state.destinations.has(cvu)) return cvu;
  }
}

/** Opens the CVU and its alias for transfers. */
export function register(world: World, cvu: string, destination: Destination): void {
  world.state.destinations.set(cvu, destination);
  world.state.aliases.set(destination.alias.toLowerCase(), cvu);
}

export function close(world: World, cvu: string): void {
  const destination = world.state.destinations.get(cvu);
  if (destination !== undefined) world.state.aliases.delete(destination.alias.toLowerCase());
  world.state.destinations.delete(cvu);
}

export function aliasTaken(world: World, alias: string): boolean {
  return world.state.aliases.has(alias.toLowerCase());
}

/** `bami.8881.talo`: the shape of a payment's alias (talo-api 5). Twenty characters at most for prefixes up to 8. */
export function issuePaymentAlias(world: World, prefix: string): string {
  for (let digits = 4; ; digits = Math.min(6, digits + 1)) {
    const number = world.ids.digits('payment alias', digits);
    const alias = `${prefix}.${number}.talo`.slice(-20);
    if (!aliasTaken(world, alias)) return alias;
  }
}

/** The CVU behind a CVU or an alias, whatever its case. */
export function resolveAddress(world: World, cvuOrAlias: string): string | undefined {
  const cvu = world.state.aliases.get(cvuOrAlias.toLowerCase()) ?? cvuOrAlias;
  return world.state.destinations.has(cvu) ? cvu : undefined;
}

const NAMES = ['Carla Pérez', 'Juan Gómez', 'Lucía Fernández', 'Martín Sosa', 'Sofía Romero', 'Diego Ruiz'];

/** Somebody with a valid CUIT and account, where the test does not care who. */
export function issueSender(world: World, given: Partial<Sender> = {}): Sender {
  const index = world.ids.next('sender');
  return {
    name: given.name ?? NAMES[index % NAMES.length] ?? 'Carla Pérez',
    cuit: given.cuit ?? issueCuit(world, '20'),
    account: given.account ?? composeCvu('0000003', world.ids.digits('sender account', 10).padStart(13, '0')),
  };
}

export function issueCuit(world: World, type: '20' | '30'): string {
  for (let tries = 0; tries < 100; tries++) {
    const cuit = composeCuit(type, world.ids.digits('cuit', 8));
    if (cuit !== undefined) return cuit;
  }
  throw new Problem(500, 'internal_error', 'no CUIT to be had');
}
