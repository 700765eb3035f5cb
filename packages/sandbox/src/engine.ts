import { TaloConfigError } from '@talo/core';
import { type Activity, createActivity } from './activity.ts';
import { type ClockControl, createClock } from './clock.ts';
import { createHistory, type Exchange, type History } from './history.ts';
import { failure } from './http/envelope.ts';
import { createFaults, type FaultBook } from './http/faults.ts';
import { answerJson, createFront, type Front } from './http/front.ts';
import type { Listening } from './http/listen.ts';
import { createRouter } from './http/router.ts';
import { beginLife, type Frame, type Inherited, type Life } from './life.ts';
import { type ResolvedOptions, resolveOptions, type SandboxOptions } from './options.ts';
import { Problem } from './problem.ts';
import { createSettings, type Settings, type SettingsChange } from './settings.ts';
import type { Fixture } from './state/changes.ts';
import { changesOf } from './state/changes.ts';
import { fixtureOf, readFixture, readRows } from './state/fixture.ts';
import type { PartnerSettings, World } from './state/world.ts';
import { openSqlite } from './storage/sqlite.ts';
import { type Kept, memory, type Storage, StorageError } from './storage/storage.ts';
import { tell } from './storage/told.ts';
import type { Sender } from './webhooks/sender.ts';

/** Before it listens, the sandbox has the name of no machine. */
const NOWHERE = 'http://talo.localhost';

/** A sandbox from within: what its doors (the public object, the API, the control API) have in common. */
export interface Engine {
  readonly options: ResolvedOptions;
  readonly settings: Settings;
  readonly clock: ClockControl;
  readonly activity: Activity;
  readonly history: History;
  readonly faults: FaultBook;
  readonly partner: PartnerSettings;
  readonly storagePath: string | undefined;
  readonly startedAt: number;
  readonly listening: Listening[];
  /** Of the last address that it listens on. */
  url(): string;
  readonly seed: string;
  readonly world: World;
  /** Talo's API, behind its faults. */
  readonly talo: Front;
  idle(): Promise<void>;
  sendByHand: Sender['sendByHand'];
  readonly allowedHosts: Set<string>;
  /** @throws StorageError when what happened cannot be put on disk */
  flush(): void;
  /** What `run` did is on disk when this returns. */
  accepted<T>(run: () => T): T;
  snapshot(): Fixture;
  /** @throws TaloConfigError for what is no state of a sandbox, with nothing changed */
  restore(fixture: unknown): void;
  reset(): void;
  onReset(run: () => void): void;
  /** Something beside the records has changed: a setting, the partner. */
  touch(): void;
  close(): void;
}

/** @throws TaloConfigError for what is no option; StorageError for a file that cannot be used */
export function createEngine(given: SandboxOptions): Engine {
  const { storage: path } = resolveOptions(given);
  const storage = path === undefined ? memory : openSqlite(path);
  try {
    return engineOn(storage, given);
  } catch (error) {
    storage.close(); // it may be tried again with other options
    throw error;
  }
}

function engineOn(storage: Storage, given: SandboxOptions): Engine {
  const found = storage.load();
  const options = withStored(given, found?.kept);
  const settings = createSettings(options);
  let life: Life | undefined;
  let stored = true;
  const activity = createActivity();
  const clock = createClock({
    kind: options.clock,
    startAt: options.clock === 'virtual' ? options.startAt : undefined,
    settle: activity.settle,
    onChange: () => {
      history.signal({ type: 'clock' });
      storage.touch();
      flushLater();
    },
  });
  const history = createHistory(options.historyLimit, clock.now);
  const faults = createFaults(options.seed, () => history.signal({ type: 'changed', what: 'faults' }));
  const partner: PartnerSettings = { ...options.partner };
  const listening: Listening[] = [];
  const resetters: (() => void)[] = [];
  const frame: Frame = {
    options,
    settings,
    clock,
    activity,
    history,
    faults,
    partner,
    storage,
    flushLater,
    stored: () => stored,
    url: () => listening.at(-1)?.url ?? NOWHERE,
  };
  for (const fault of options.faults) faults.put(fault);
  life = found === undefined ? beginLife(frame) : resume(found);

  function resume({ kept, state }: NonNullable<typeof found>): Life {
    tell(storage.path ?? '', 'read', () => settings.restore(kept));
    settings.change(askedFor(given)); // what is asked for now goes before
    partner.webhookUrl = given.partner?.webhookUrl ?? kept.partner.webhookUrl;
    partner.redirectUri = given.partner?.redirectUri ?? kept.partner.redirectUri;
    if (options.clock === 'virtual') clock.jump(kept.clock.now);
    else if (kept.clock.aheadMs > 0) clock.jump(Date.now() + kept.clock.aheadMs);
    return beginLife(frame, { seed: kept.seed, ids: Object.entries(kept.ids), state });
  }

  function kept(): Kept {
    const { webhookUrl, redirectUri } = partner;
    const now = clock.now();
    return {
      seed: current().seed,
      ids: Object.fromEntries(current().world.ids.positions),
      clock: {
        frozen: clock.kind === 'virtual',
        now,
        aheadMs: clock.kind === 'virtual' ? 0 : Math.max(0, Math.round(now - Date.now())),
      },
      partner: { ...(webhookUrl !== undefined && { webhookUrl }), redirectUri },
      ...settings.changed(),
    };
  }

  function current(): Life {
    if (life === undefined) throw new Error('The sandbox has not begun.');
    return life;
  }

  function flush(): void {
    const held = !stored;
    stored = false;
    storage.flush(kept);
    stored = true;
    if (held) life?.sender.proceed();
  }

  /** For what nobody waits for: a timer, an attempt. It is tried again with the next flush. */
  function flushLater(): void {
    if (life === undefined) return;
    try {
      flush();
    } catch (error) {
      options.onError(error);
    }
  }

  function replace(inherited: Inherited | undefined): void {
    life?.end();
    for (const run of resetters) run();
    history.clear();
    storage.clear();
    life = undefined;
    life = beginLife(frame, inherited);
    if (inherited !== undefined) for (const change of changesOf(inherited.state)) storage.save(change);
    storage.touch();
    flush();
    history.signal({ type: 'changed', what: 'all' });
  }

  const router = createRouter(() => current().world, options.onError);
  const talo = createFront({
    async serve(request, visit) {
      const response = await router.fetch(request, visit);
      try {
        flush();
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        options.onError(error);
        return answerJson(visit, failure(new Problem(500, 'storage_error', error.message)), 500);
      }
      const changes = request.method !== 'GET';
      if (changes && settings.delivery.timing === 'before-response') await current().sender.idle();
      return response;
    },
    faults,
    clock,
    oddities: settings.oddities,
    activity,
    record,
    requestId: () => current().world.ids.uuid('request'),
  });

  function record(exchange: Exchange): void {
    const { entry, about, fault, durationMs } = exchange;
    history.exchanges.push(exchange);
    if (about !== undefined) {
      history.note(about, {
        type: 'request',
        requestId: entry.id,
        method: entry.method,
        path: entry.path,
        ...(entry.status !== undefined && { status: entry.status }),
        durationMs,
        ...(fault && { fault: fault.id }),
      });
    }
    history.signal({ type: 'request', exchange });
    options.onRequest(entry);
  }

  flush();

  return {
    options,
    settings,
    clock,
    activity,
    history,
    faults,
    partner,
    storagePath: storage.path,
    startedAt: Date.now(),
    listening,
    url: frame.url,
    get seed() {
      return current().seed;
    },
    get world() {
      return current().world;
    },
    talo,
    idle: () => current().sender.idle(),
    sendByHand: (notice) => current().sender.sendByHand(notice),
    allowedHosts: new Set(),
    flush,
    accepted(run) {
      const result = run();
      flush();
      return result;
    },
    snapshot: () => fixtureOf(current().world, current().seed, settings.changed()),
    restore(given) {
      const fixture = readFixture(given);
      const state = readRows(structuredClone(fixture.rows)); // may be restored again
      if (fixture.settings !== undefined) settings.restore(fixture.settings);
      if (clock.kind === 'virtual') clock.jump(Date.parse(fixture.now));
      partner.webhookUrl = fixture.partner.webhookUrl;
      partner.redirectUri = fixture.partner.redirectUri;
      replace({ seed: fixture.seed, ids: Object.entries(fixture.ids), state });
    },
    reset() {
      settings.reset();
      faults.clear();
      for (const fault of options.faults) faults.put(fault);
      Object.assign(partner, options.partner);
      replace(undefined);
    },
    onReset: (run) => void resetters.push(run),
    touch() {
      storage.touch();
      flush();
    },
    close() {
      current().end();
      flushLater();
      storage.close();
    },
  };
}

function askedFor({ oddities, delivery, activationDelayMs }: SandboxOptions): SettingsChange {
  const { allowRemote: _, ...rest } = delivery ?? {};
  return {
    oddities: oddities ?? {},
    delivery: rest,
    ...(activationDelayMs !== undefined && { activationDelayMs }),
  };
}

/** A file goes on with its own seed and clock, unless it is told otherwise. */
function withStored(given: SandboxOptions, kept: Kept | undefined): ResolvedOptions {
  if (kept === undefined) return resolveOptions(given);
  if (given.seed !== undefined && String(given.seed) !== kept.seed) {
    throw new TaloConfigError(
      `createSandbox({ seed }): ${given.storage ?? 'the file'} was begun with the seed '${kept.seed}'. Leave seed out, or give a new file.`,
    );
  }
  const kind = given.clock ?? (kept.clock.frozen ? 'virtual' : 'real');
  return resolveOptions({ ...given, seed: kept.seed, clock: kind });
}
