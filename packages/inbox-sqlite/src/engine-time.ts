/** A clock that went back by less than this is let be. */
export const TOLERANCE_MS = 5_000;

/** The engine's time, as far as its calls tell: the port passes `now` to some of its methods only. */
export class EngineTime {
  #last: number | undefined;
  #at = 0;

  /** @returns whether the clock went back since it was seen last */
  seen(now: number): boolean {
    const back = this.#last !== undefined && now < this.#last - TOLERANCE_MS;
    this.#last = now;
    this.#at = performance.now();
    return back;
  }

  /** What was seen last, 0 if nothing was: what was decided then is never taken to lie in the future. */
  get last(): number {
    return this.#last ?? 0;
  }

  /** Now, if the clock goes at the usual pace. */
  now(): number {
    return this.#last === undefined ? Date.now() : this.#last + performance.now() - this.#at;
  }
}
