import { createHash } from 'node:crypto';
import type { Activity } from './activity.ts';
import { createBackground } from './background.ts';
import type { ClockControl } from './clock.ts';
import { DEFAULT_SEED } from './documented.ts';
import type { History } from './history.ts';
import type { FaultBook } from './http/faults.ts';
import { createIds } from './ids.ts';
import type { ResolvedOptions } from './options.ts';
import type { Settings } from './settings.ts';
import { wake } from './state/fixture.ts';
import { addDefaultMerchant } from './state/merchants.ts';
import { emptyState, type State } from './state/records.ts';
import type { PartnerSettings, World } from './state/world.ts';
import type { Storage } from './storage/storage.ts';
import { createSender, type Sender } from './webhooks/sender.ts';

/** What stays the same when a sandbox is reset. */
export interface Frame {
  readonly options: ResolvedOptions;
  readonly settings: Settings;
  readonly clock: ClockControl;
  readonly activity: Activity;
  readonly history: History;
  readonly faults: FaultBook;
  readonly partner: PartnerSettings;
  readonly storage: Storage;
  /** Puts on disk what was saved. Not for callers that must know when it fails. */
  readonly flushLater: () => void;
  /** Whether the last write succeeded. */
  readonly stored: () => boolean;
  readonly url: () => string;
}

/** A state with what goes on in it: from the beginning, or a reset, or a restore, to the next one. */
export interface Life {
  readonly seed: string;
  readonly world: World;
  readonly sender: Sender;
  end(): void;
}

/** A state from somewhere else, to go on with. */
export interface Inherited {
  readonly seed: string;
  readonly ids: Iterable<readonly [string, number]>;
  readonly state: State;
}

export function beginLife(frame: Frame, inherited?: Inherited): Life {
  const { options, settings, clock, activity, history, faults, storage } = frame;
  const seed = inherited?.seed ?? options.seed;
  const state = inherited?.state ?? emptyState();
  const ids = createIds(seed, inherited?.ids);
  const background = createBackground(clock, frame.flushLater, options.onError);
  const save: World['save'] = (change) => {
    storage.save(change);
    if (change.kind === 'transfer') history.signal({ type: 'transfer', transfer: change.record });
  };
  const sender = createSender({
    clock,
    activity,
    options: () => settings.delivery,
    receiver: options.receiver,
    faults,
    history,
    pending: state.pending,
    nextNumber: () => ids.next('notice'),
    schedule: background.schedule,
    save,
    stored: frame.stored,
    onDelivery: options.onDelivery,
    settled: frame.flushLater,
  });
  const world: World = {
    state,
    clock,
    ids,
    oddities: settings.oddities,
    documentedIds: seed === DEFAULT_SEED,
    get activationDelayMs() {
      return settings.activationDelayMs;
    },
    partner: frame.partner,
    signingKey: createHash('sha256').update(`signing key\n${seed}`).digest('hex'),
    notify: sender.send,
    schedule: background.schedule,
    save,
    note: history.note,
    appUrl: frame.url,
  };
  if (inherited === undefined) {
    addDefaultMerchant(world);
  } else {
    wake(world);
    sender.resume();
  }
  return {
    seed,
    world,
    sender,
    end() {
      background.dispose();
      sender.dispose();
    },
  };
}
