import { check } from '../check.ts';
import { FaultOptions } from '../schemas/options.ts';

/** A fault as data: which requests it meets, how often, and what happens to them. */
export interface Fault {
  /** Without it, every request. */
  readonly match?: {
    readonly method?: string;
    /** A path whose `:name` segments match anything: `/payments/:id`. */
    readonly route?: string;
  };
  /** How many requests it meets before it is used up. Default: all, until cleared. */
  readonly times?: number;
  /** Answers this status, without processing the request. */
  readonly status?: number;
  /** The answer's body: an object as JSON, a string as it is. Default: an error envelope. */
  readonly body?: string | object;
  /** Of the answer, such as `{ 'retry-after': '1' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Waits this long, on the sandbox's clock, before anything else. */
  readonly delayMs?: number;
  /**
   * `reset`: the connection fails and nothing was processed. `lose-response`: the request is processed, then the
   * connection fails. `stall-body`: the answer stops half way and stays open. `truncate`: it stops half way and the
   * connection fails. `html`: a proxy's error page, nothing processed.
   */
  readonly effect?: 'reset' | 'lose-response' | 'stall-body' | 'truncate' | 'html';
}

/** The faults in force, oldest first: a request meets the first one that matches. */
export interface Faults {
  /**
   * @returns takes this one away
   * @throws TaloConfigError for what it does not understand
   */
  add(fault: Fault): () => void;
  clear(): void;
}

export interface FaultBook extends Faults {
  /** The fault that a request meets, counted as met. */
  meet(method: string, pathname: string): Fault | undefined;
}

export function createFaults(): FaultBook {
  let entries: { readonly fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      check('sandbox.faults.add', FaultOptions, fault);
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      entries.push(entry);
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },
    clear() {
      entries = [];
    },
    meet(method, pathname) {
      const entry = entries.find(({ fault, left }) => left > 0 && meets(fault, method, pathname));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
}

function meets({ match }: Fault, method: string, pathname: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match?.route === undefined) return true;
  const wanted = segments(match.route);
  const given = segments(pathname);
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(':') || part === given[index])
  );
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
