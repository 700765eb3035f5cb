import { check } from './check.ts';
import { DEFAULT_SEED, documented } from './documented.ts';
import type { Fault } from './http/faults.ts';
import type { JournalEntry } from './http/front.ts';
import { type Oddities, observed } from './oddities.ts';
import { CreateOptions } from './schemas/options.ts';
import type { PartnerSettings } from './state/world.ts';
import type { Delivery, DeliveryOptions, Receiver } from './webhooks/delivery.ts';

/** Everything has a default: `createSandbox()` is the Talo of the documentation. */
export interface SandboxOptions {
  /** Where ids come from. With the default one, the documented ids and CVUs are handed out. */
  readonly seed?: string | number;
  /** `real` (default) moves by itself, `virtual` only by `sandbox.clock.advance()`. */
  readonly clock?: 'real' | 'virtual';
  /** The virtual clock's first moment. Default: that of the documented customer, 2025-02-18T19:57:26.674Z. */
  readonly startAt?: Date;
  /**
   * A SQLite file that survives a crash at any moment: what was answered, or returned, is on disk. Default: memory.
   * Needs Node 22.16 or newer. The file goes on with its own seed, its clock, and what was to come.
   */
  readonly storage?: string;
  /** How webhooks are sent. */
  readonly delivery?: DeliveryOptions;
  /** Takes every webhook in process, whatever its host: `webhooks.fetch`. */
  readonly receiver?: Receiver;
  /** Switches for what Talo does, or may do, unexpectedly. */
  readonly oddities?: Partial<Oddities>;
  /** In force from the beginning, and again after `reset`; more by `sandbox.faults.add`. */
  readonly faults?: readonly Fault[];
  readonly partner?: {
    /** Where activated accounts are announced. Also settable later: `sandbox.partner.webhookUrl`. */
    readonly webhookUrl?: string;
    /** Where merchants return to after consenting. Default `http://localhost:3000/talo/callback`. */
    readonly redirectUri?: string;
  };
  /**
   * From consent to the activation of an account; "up to 36 hours" at Talo. Default 24 hours on a virtual clock and
   * 3 seconds on a real one.
   */
  readonly activationDelayMs?: number;
  /** How many requests and deliveries are kept. Default 1000 of each. */
  readonly historyLimit?: number;
  /** Called with each request once it is answered; for logs. */
  readonly onRequest?: (entry: JournalEntry) => void;
  /** Called with each delivery attempt. Its URL may hold your secret: log its origin and path only. */
  readonly onDelivery?: (delivery: Delivery) => void;
  /**
   * Called with what the caller sees as 500: a file that cannot be written to (`code: 'storage'`), or what failed inside
   * the sandbox itself. Please report the latter.
   */
  readonly onError?: (error: unknown) => void;
}

export interface ResolvedOptions {
  readonly seed: string;
  readonly clock: 'real' | 'virtual';
  readonly startAt: number;
  readonly storage: string | undefined;
  readonly delivery: DeliveryOptions;
  readonly receiver: Receiver | undefined;
  readonly oddities: Oddities;
  readonly faults: readonly Fault[];
  readonly partner: Readonly<PartnerSettings>;
  readonly activationDelayMs: number;
  readonly historyLimit: number;
  readonly onRequest: (entry: JournalEntry) => void;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onError: (error: unknown) => void;
}

/** @throws TaloConfigError for what is no option, and for values that an option does not take */
export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  check('createSandbox', CreateOptions, options);
  const { clock = 'real' } = options;
  return {
    seed: String(options.seed ?? DEFAULT_SEED),
    clock,
    startAt: options.startAt?.getTime() ?? Date.parse(documented.customer.createdAt),
    storage: options.storage,
    delivery: options.delivery ?? {},
    receiver: options.receiver,
    faults: options.faults ?? [],
    oddities: { ...observed, ...defined(options.oddities ?? {}) },
    partner: {
      ...documented.partner,
      webhookUrl: options.partner?.webhookUrl,
      redirectUri: options.partner?.redirectUri ?? 'http://localhost:3000/talo/callback',
    },
    activationDelayMs: options.activationDelayMs ?? (clock === 'virtual' ? 24 * 3_600_000 : 3_000),
    historyLimit: options.historyLimit ?? 1000,
    onRequest: options.onRequest ?? (() => undefined),
    onDelivery: options.onDelivery ?? (() => undefined),
    onError: options.onError ?? (() => undefined),
  };
}

/** JavaScript may say `undefined` for what it leaves out. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
