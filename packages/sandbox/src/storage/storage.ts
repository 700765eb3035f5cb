import type { ChangedSettings } from '../settings.ts';
import type { Change } from '../state/changes.ts';
import type { State } from '../state/records.ts';

/** What is kept beside the records. */
export interface Kept extends ChangedSettings {
  readonly seed: string;
  readonly ids: Readonly<Record<string, number>>;
  readonly clock: { readonly frozen: boolean; readonly now: number; readonly aheadMs: number };
  readonly partner: { readonly webhookUrl?: string | undefined; readonly redirectUri: string };
}

/** Where a sandbox's state outlives its process. */
export interface Storage {
  /** Where it is, for people; `undefined` in memory. */
  readonly path: string | undefined;
  /** What is there; `undefined` in a new one. @throws StorageError for what no sandbox wrote */
  load(): { readonly kept: Kept; readonly state: State } | undefined;
  save(change: Change): void;
  /** Forgets every record: what follows is all there is. */
  clear(): void;
  /** Something beside the records has changed. */
  touch(): void;
  /**
   * Puts on disk what was saved since the last time. When it returns, that is there even if power fails now.
   * @throws StorageError; what was not written is tried again with the next flush
   */
  flush(kept: () => Kept): void;
  close(): void;
}

/** Keeps nothing. */
export const memory: Storage = {
  path: undefined,
  load: () => undefined,
  save: () => undefined,
  clear: () => undefined,
  touch: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

/** The file cannot be used, or not be written to. */
export class StorageError extends Error {
  readonly code = 'storage';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StorageError';
  }
}
