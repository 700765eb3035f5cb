import { check } from '../check.ts';
import { createIds } from '../ids.ts';
import { FaultOptions } from '../schemas/options.ts';
import type { ResourceRef } from '../state/records.ts';
import type { RetryPreset } from '../webhooks/presets.ts';

/** A fault as data: what it meets, how often, and what happens then. */
export type Fault = ApiFault | WebhookFault;

/** What goes wrong on the way to Talo. */
export interface ApiFault {
  readonly side?: 'api';
  /** Without it, every request. */
  readonly match?: {
    readonly method?: string;
    /** A path whose `:name` segments match anything: `/payments/:id`. */
    readonly route?: string;
    /**
     * The id of a payment, customer or account, an external id, a CVU or an alias, as it stands in the path, the query
     * or the body. For a payment either of its ids will do.
     */
    readonly resource?: string;
    /** From 0 to 1. Drawn from the seed, so the same requests meet it in each run. */
    readonly probability?: number;
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
  /** Waits up to so much longer, evenly spread. */
  readonly jitterMs?: number;
  /**
   * `reset`: the connection fails and nothing was processed. `lose-response`: the request is processed, then the
   * connection fails. `stall-body`: the answer stops half way and stays open. `truncate`: it stops half way and the
   * connection fails. `html`: a proxy's error page, nothing processed. `expire-token`: the token that was sent has
   * expired. `stale-read`: a GET of a payment or customer does not show the last transfer yet. `not-readable`: a GET is
   * 404, as if what it asks for were not there yet.
   */
  readonly effect?:
    | 'reset'
    | 'lose-response'
    | 'stall-body'
    | 'truncate'
    | 'html'
    | 'expire-token'
    | 'stale-read'
    | 'not-readable';
}

/** What goes wrong on the way back. */
export interface WebhookFault {
  readonly side: 'webhook';
  /** Without it, every notice. */
  readonly match?: {
    readonly kind?: 'payment' | 'customer' | 'account';
    /** The id of the payment, customer or account. For a payment its external id will do. */
    readonly resource?: string;
    readonly probability?: number;
  };
  /** How many notices it meets before it is used up. */
  readonly times?: number;
  /** The notice is sent so much later. With `slow-answer`: the application's answer arrives so much later. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /**
   * `drop`: never sent. `duplicate`: sent `copies` times more. `reorder`: held back for a second, or `delayMs`, so that
   * others overtake it. `slow-answer`: what the application answered reaches Talo late; past the limit it is a timeout,
   * and Talo tries again what was in fact accepted.
   */
  readonly effect?: 'drop' | 'duplicate' | 'reorder' | 'slow-answer';
  /** Of `duplicate`. Default 1. */
  readonly copies?: number;
  /** Another schedule of retries for these. */
  readonly retry?: RetryPreset | readonly number[];
}

/** The faults in force, oldest first: a request, or a notice, meets the first one that matches. */
export interface Faults {
  /**
   * @returns takes this one away
   * @throws TaloConfigError for what it does not understand
   */
  add(fault: Fault): () => void;
  clear(): void;
}

export interface FaultEntry {
  readonly id: string;
  readonly fault: Fault;
  /** The scenario that it belongs to. */
  readonly scenario: string | undefined;
  met: number;
}

/** A fault that was met, with its wait drawn. */
export interface Met<F extends Fault> {
  readonly id: string;
  readonly fault: F;
  readonly delayMs: number;
}

/** What a fault can be matched against. The text is asked for only where a fault names a resource. */
export interface Asked {
  readonly method: string;
  readonly pathname: string;
  readonly text: () => Promise<string>;
}

export interface FaultBook extends Faults {
  /** With its id, and the scenario that it belongs to. @throws TaloConfigError for what it does not understand */
  put(fault: Fault, scenario?: string): FaultEntry;
  /** @returns whether there was one */
  remove(id: string): boolean;
  readonly entries: readonly FaultEntry[];
  /** The fault that a request meets, counted as met. At once where no fault has to read the request. */
  meet(asked: Asked): Met<ApiFault> | undefined | Promise<Met<ApiFault> | undefined>;
  meetNotice(about: ResourceRef | undefined): Met<WebhookFault> | undefined;
}

/** @param onChange called when one is added or taken away, not when one is used up */
export function createFaults(seed: string, onChange: () => void): FaultBook {
  let entries: FaultEntry[] = [];
  let ids = createIds(seed);

  function put(fault: Fault, scenario?: string): FaultEntry {
    check('sandbox.faults.add', FaultOptions, fault);
    const entry: FaultEntry = { id: `fault-${ids.next('fault')}`, fault, scenario, met: 0 };
    entries.push(entry);
    onChange();
    return entry;
  }

  function remove(id: string): boolean {
    const before = entries.length;
    entries = entries.filter((entry) => entry.id !== id);
    if (entries.length !== before) onChange();
    return entries.length !== before;
  }

  function isLeft({ fault, met }: FaultEntry): boolean {
    return met < (fault.times ?? Number.POSITIVE_INFINITY);
  }

  function meetsBy(chance: number | undefined, { id }: FaultEntry): boolean {
    return chance === undefined || ids.fraction(`chance ${id}`) < chance;
  }

  function take<F extends Fault>(entry: FaultEntry, fault: F): Met<F> {
    entry.met += 1;
    const { delayMs = 0, jitterMs = 0 } = fault;
    const jitter = jitterMs > 0 ? Math.round(ids.fraction(`jitter ${entry.id}`) * jitterMs) : 0;
    return { id: entry.id, fault, delayMs: delayMs + jitter };
  }

  function pick(asked: Asked, text: string | undefined): Met<ApiFault> | undefined {
    for (const entry of entries) {
      const { fault } = entry;
      if (fault.side === 'webhook' || !isLeft(entry) || !meetsRoute(fault, asked)) continue;
      const { resource, probability } = fault.match ?? {};
      if (resource !== undefined && !names(asked.pathname, text ?? '', resource)) continue;
      if (meetsBy(probability, entry)) return take(entry, fault);
    }
    return undefined;
  }

  return {
    add(fault) {
      const { id } = put(fault);
      return () => void remove(id);
    },
    put,
    remove,
    clear() {
      entries = [];
      ids = createIds(seed);
      onChange();
    },
    get entries() {
      return entries;
    },
    meet(asked) {
      const reads = entries.some(
        ({ fault }) => fault.side !== 'webhook' && fault.match?.resource !== undefined,
      );
      return reads ? asked.text().then((text) => pick(asked, text)) : pick(asked, undefined);
    },
    meetNotice(about) {
      for (const entry of entries) {
        const { fault } = entry;
        if (fault.side !== 'webhook' || !isLeft(entry)) continue;
        const { kind, resource, probability } = fault.match ?? {};
        if (kind !== undefined && kindOf(about) !== kind) continue;
        if (resource !== undefined && !isAbout(about, resource)) continue;
        if (meetsBy(probability, entry)) return take(entry, fault);
      }
      return undefined;
    },
  };
}

function kindOf(about: ResourceRef | undefined): 'payment' | 'customer' | 'account' | undefined {
  return about?.kind === 'merchant' ? 'account' : about?.kind;
}

function isAbout(about: ResourceRef | undefined, resource: string): boolean {
  if (about === undefined) return false;
  if (about.kind === 'merchant') return about.userId === resource;
  return about.id === resource || isPaymentOf(about.id, resource);
}

/** `VAR-f61876b0-order-1` is the payment of `order-1`. */
function isPaymentOf(id: string, externalId: string): boolean {
  return /^VAR-.{8}-/s.test(id) && id.slice('VAR-12345678-'.length) === externalId;
}

/** Whether the path, or the query or body in `text`, has `resource` as a whole word. */
function names(pathname: string, text: string, resource: string): boolean {
  const parts = segments(pathname).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  if (parts.some((part) => part === resource || isPaymentOf(part, resource))) return true;
  const quoted = [JSON.stringify(resource), `=${encodeURIComponent(resource)}`];
  return quoted.some((each) => text.includes(each));
}

function meetsRoute({ match }: ApiFault, { method, pathname }: Asked): boolean {
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
