import type { TaloClient } from '@talo/core';

/** What differs between production, development and a test. */
export interface Settings {
  readonly talo: TaloClient;
  /** One file for the subscriptions and for the inbox. */
  readonly database: string;
}

export const SETTINGS = Symbol('settings');
