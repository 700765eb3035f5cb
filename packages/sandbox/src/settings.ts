import { check, optionsOf } from './check.ts';
import type { Oddities } from './oddities.ts';
import type { ResolvedOptions } from './options.ts';
import { Delivery, Milliseconds, Switches } from './schemas/options.ts';
import type { DeliveryOptions } from './webhooks/delivery.ts';

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What can be changed while the sandbox runs. */
export interface SettingsChange {
  readonly oddities?: Partial<Oddities>;
  /** `allowRemote` is for whoever starts the sandbox, not for who can reach it. */
  readonly delivery?: Omit<DeliveryOptions, 'allowRemote'>;
  readonly activationDelayMs?: number;
}

/** The switches and the sender's options, as they are now. The objects stay the same ones. */
export interface Settings {
  readonly oddities: Oddities;
  readonly delivery: DeliveryOptions;
  readonly activationDelayMs: number;
  /** @throws TaloConfigError for what it does not understand, with nothing changed */
  change(change: SettingsChange): void;
  /** Back to the options. */
  reset(): void;
  /** What differs from the options. */
  changed(): ChangedSettings;
  /**
   * The options, and what had been changed elsewhere or before.
   * @throws TaloConfigError for what it does not understand, with nothing changed
   */
  restore(changed: ChangedSettings): void;
}

/** What was changed while a sandbox ran: part of its state. */
export interface ChangedSettings {
  readonly oddities: Partial<Oddities>;
  readonly delivery: DeliveryOptions;
  readonly activationDelayMs?: number;
}

const Changes = optionsOf<SettingsChange>({
  oddities: Switches,
  delivery: Delivery.refine(
    (value) => !('allowRemote' in value),
    'no allowRemote: it is set when the sandbox is started',
  ),
  activationDelayMs: Milliseconds,
});

export function createSettings(options: ResolvedOptions): Settings {
  const oddities: Writable<Oddities> = { ...options.oddities };
  const delivery: Writable<DeliveryOptions> = { ...options.delivery };
  let activationDelayMs = options.activationDelayMs;

  function change(given: SettingsChange): void {
    check('settings', Changes, given);
    Object.assign(oddities, given.oddities);
    Object.assign(delivery, given.delivery);
    activationDelayMs = given.activationDelayMs ?? activationDelayMs;
  }

  function reset(): void {
    Object.assign(oddities, options.oddities);
    for (const name of Object.keys(delivery)) Reflect.deleteProperty(delivery, name);
    Object.assign(delivery, options.delivery);
    activationDelayMs = options.activationDelayMs;
  }

  return {
    oddities,
    delivery,
    get activationDelayMs() {
      return activationDelayMs;
    },
    change,
    reset,
    changed: () => ({
      oddities: difference(oddities, options.oddities),
      delivery: difference(delivery, options.delivery),
      ...(activationDelayMs !== options.activationDelayMs && { activationDelayMs }),
    }),
    restore({ oddities: switches, delivery: sending, activationDelayMs: delay }) {
      const known = {
        oddities: knownOf(switches, oddities),
        delivery: sending,
        ...(delay !== undefined && { activationDelayMs: delay }),
      };
      check('settings', Changes, known);
      reset();
      change(known);
    },
  };
}

/** A state may be older than a switch that was taken away since. */
function knownOf<T extends object>(given: Partial<T>, now: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name in now)) as Partial<T>;
}

function difference<T extends object>(now: T, before: T): Partial<T> {
  const entries = Object.entries(now).filter(([name, value]) => Reflect.get(before, name) !== value);
  return Object.fromEntries(entries) as Partial<T>;
}
