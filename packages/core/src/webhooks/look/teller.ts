import type { TaloEvent, TaloEventType } from '../events.ts';
import { digest } from '../resource.ts';
import type { ResourceState, Seen } from './state.ts';

/** An event before it is known whether a newer one follows it. */
export type Draft = Omit<TaloEvent, 'superseded'> & { readonly type: TaloEventType };

/** Gives each event its id: a hash of what it says, never of when it was said. */
export class Teller {
  readonly events: Draft[] = [];
  readonly told: Record<string, number>;
  readonly #seen: Seen;
  readonly #id: string;

  /** @param id the resource's id as its own GET returns it, which need not be the one we were told */
  constructor(known: ResourceState, seen: Seen, id: string) {
    this.told = { ...known.told };
    this.#seen = seen;
    this.#id = id;
  }

  /** A fact that is told once for ever: a transfer, or the first time paid. */
  once(type: TaloEventType, what: readonly (string | number)[], content: object): void {
    this.#add(type, digest(type, ...this.#where(), ...what.map(String)), content);
  }

  /** A state, which may come back: the same again, after another, is a new event. */
  fact(type: TaloEventType, fingerprint: string, content: object): void {
    const name = `${type} ${fingerprint}`;
    const times = (this.told[name] ?? 0) + 1;
    this.told[name] = times;
    this.#add(type, digest(type, ...this.#where(), fingerprint, String(times)), content);
  }

  #where(): readonly string[] {
    const { environment, accountId, resource } = this.#seen.place;
    return [environment, accountId, resource.kind, this.#id];
  }

  #add(type: TaloEventType, id: string, content: object): void {
    const { at, origin, place } = this.#seen;
    this.events.push({ id, type, at, accountId: place.accountId, origin, ...content } as Draft);
  }
}
