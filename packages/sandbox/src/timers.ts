/** Node's longest timer; longer waits are taken in steps. */
const LONGEST_MS = 2 ** 31 - 1;

/** A moment on a monotonic clock, and what happens then. Node's own timers have `unref` and `ref` too. */
export interface Timer {
  readonly due: number;
  run: () => void;
  cancelled: boolean;
  readonly order: number;
  /** Whether it keeps the process alive. */
  referenced: boolean;
  /** Whether it waits for its moment here. */
  queued: boolean;
  unref(): Timer;
  ref(): Timer;
}

const nothing = (): void => undefined;

/** Many timers behind a single one of Node's, so that a clock can be stopped, and a hundred thousand expiries are cheap. */
export interface Timers {
  add(due: number, run: () => void): Timer;
  /** One that somebody else runs. */
  loose(due: number, run: () => void): Timer;
  cancel(timer: Timer): void;
  /** The first one due by `time`, taken out; in the order they were set where they are due together. */
  takeDue(time: number): Timer | undefined;
  next(): number | undefined;
  /** From now on, `fire` is called when the first timer is due. */
  run(): void;
  stop(): void;
}

/** A class, because there may be a hundred thousand: its methods are there once. */
class Entry implements Timer {
  cancelled = false;
  referenced = true;
  readonly due: number;
  run: () => void;
  readonly order: number;
  queued: boolean;
  readonly #count: (change: number) => void;

  constructor(due: number, run: () => void, order: number, queued: boolean, count: (change: number) => void) {
    this.due = due;
    this.run = run;
    this.order = order;
    this.queued = queued;
    this.#count = count;
  }

  unref(): Timer {
    return this.#refer(false);
  }

  ref(): Timer {
    return this.#refer(true);
  }

  #refer(wanted: boolean): Timer {
    if (this.referenced !== wanted) {
      this.referenced = wanted;
      if (this.queued && !this.cancelled) this.#count(wanted ? 1 : -1);
    }
    return this;
  }
}

export function createTimers(monotonic: () => number, fire: () => void): Timers {
  const heap: Timer[] = [];
  let order = 0;
  let cancelled = 0;
  let referenced = 0;
  let running = false;
  let alarm: { readonly due: number; readonly handle: NodeJS.Timeout } | undefined;

  function make(due: number, run: () => void, queued: boolean): Timer {
    order += 1;
    return new Entry(due, run, order, queued, count);
  }

  /** A process lives for as long as somebody waits for a timer that was not unreferenced. */
  function count(change: number): void {
    referenced += change;
    if (referenced > 0) alarm?.handle.ref();
    else alarm?.handle.unref();
  }

  function head(): Timer | undefined {
    while (heap[0]?.cancelled) {
      cancelled -= 1;
      remove();
    }
    return heap[0];
  }

  function remove(): Timer | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && first !== last) {
      heap[0] = last;
      sink(heap, 0);
    }
    return first;
  }

  function rearm(): void {
    const due = running ? head()?.due : undefined;
    if (due === alarm?.due) return;
    if (alarm !== undefined) clearTimeout(alarm.handle);
    alarm = undefined;
    if (due === undefined) return;
    const wait = Math.min(LONGEST_MS, Math.max(0, Math.ceil(due - monotonic())));
    const handle = setTimeout(() => {
      alarm = undefined;
      try {
        fire();
      } finally {
        rearm();
      }
    }, wait);
    alarm = { due, handle };
    count(0);
  }

  return {
    add(due, run) {
      const entry = make(due, run, true);
      heap.push(entry);
      rise(heap, heap.length - 1);
      count(1);
      if (heap[0] === entry) rearm();
      return entry;
    },
    loose: (due, run) => make(due, run, false),
    cancel(entry) {
      if (entry.cancelled) return;
      entry.cancelled = true;
      entry.run = nothing; // until it is swept out it must not keep a whole request alive
      if (!entry.queued) return;
      cancelled += 1;
      if (entry.referenced) count(-1);
      if (cancelled > 64 && cancelled > heap.length / 2) {
        const live = heap.filter((other) => !other.cancelled).sort(before);
        heap.splice(0, heap.length, ...live); // sorted, so it is a heap
        cancelled = 0;
      }
      if (alarm?.due === entry.due) rearm();
    },
    takeDue(time) {
      const first = head();
      if (first === undefined || first.due > time) return undefined;
      remove();
      first.queued = false;
      if (first.referenced) count(-1);
      return first;
    },
    next: () => head()?.due,
    run() {
      running = true;
      rearm();
    },
    stop() {
      running = false;
      rearm();
    },
  };
}

function before(one: Timer, other: Timer): number {
  return one.due - other.due || one.order - other.order;
}

function rise(heap: Timer[], from: number): void {
  for (let child = from; child > 0; ) {
    const parent = (child - 1) >>> 1;
    if (!swapped(heap, parent, child)) return;
    child = parent;
  }
}

function sink(heap: Timer[], from: number): void {
  for (let parent = from; ; ) {
    const left = 2 * parent + 1;
    const [one, other] = [heap[left], heap[left + 1]];
    if (one === undefined) return;
    const child = other !== undefined && before(other, one) < 0 ? left + 1 : left;
    if (!swapped(heap, parent, child)) return;
    parent = child;
  }
}

/** Puts the earlier of the two on top. */
function swapped(heap: Timer[], parent: number, child: number): boolean {
  const [above, below] = [heap[parent], heap[child]];
  if (above === undefined || below === undefined || before(above, below) <= 0) return false;
  heap[parent] = below;
  heap[child] = above;
  return true;
}
