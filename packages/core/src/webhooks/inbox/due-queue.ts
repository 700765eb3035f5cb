/** Outdated entries that are put up with, beside as many as there are keys. */
const SLACK = 1_000;
/** A clock that was set back by more than this is followed: what was put off by it would wait until that time comes again. */
const SET_BACK_MS = 60_000;

/** Keys by the time they are due: a binary heap. Moving a key is pushing it again; outdated entries are skipped. */
export class DueQueue {
  #heap: { readonly at: number; readonly key: string }[] = [];
  readonly #current = new Map<string, number>();
  /** The time it was last asked at. */
  #now = Number.NEGATIVE_INFINITY;

  set(key: string, at: number): void {
    this.#current.set(key, at);
    if (this.#heap.length > 2 * this.#current.size + SLACK) this.#tidy();
    const heap = this.#heap;
    let child = heap.push({ at, key }) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#at(parent) <= this.#at(child)) break;
      this.#swap(parent, child);
      child = parent;
    }
  }

  delete(key: string): void {
    this.#current.delete(key);
  }

  /** Entries held, outdated ones among them. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the next key is due. */
  next(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#current.get(top.key) === top.at) return top.at;
      this.#pop();
    }
    return undefined;
  }

  /** Takes the next key that is due, if any. */
  take(now: number): string | undefined {
    if (now < this.#now - SET_BACK_MS) this.#setBack(this.#now - now);
    this.#now = now;
    const at = this.next();
    if (at === undefined || at > now) return undefined;
    const key = this.#heap[0]?.key;
    this.#pop();
    if (key !== undefined) this.#current.delete(key);
    return key;
  }

  #setBack(ms: number): void {
    for (const [key, at] of this.#current) this.#current.set(key, at - ms);
    this.#tidy();
  }

  /** What is due in a month would otherwise stay for a month, once for each time its key was moved. */
  #tidy(): void {
    const entries = [...this.#current].map(([key, at]) => ({ key, at }));
    // sorted is a heap too
    this.#heap = entries.sort((a, b) => a.at - b.at);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = parent * 2 + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(least) >= this.#at(parent)) return;
      this.#swap(least, parent);
      parent = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return;
    heap[a] = second;
    heap[b] = first;
  }
}
