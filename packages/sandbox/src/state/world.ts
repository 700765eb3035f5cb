import type { SandboxClock } from '../clock.ts';
import type { TimelineFact } from '../control/contract.ts';
import type { Ids } from '../ids.ts';
import type { Oddities } from '../oddities.ts';
import type { Change } from './changes.ts';
import type { ResourceRef, State } from './records.ts';

/** What every rule of the sandbox may use, passed to each: the state, the time, the randomness, the switches. */
export interface World {
  readonly state: State;
  readonly clock: SandboxClock;
  readonly ids: Ids;
  readonly oddities: Oddities;
  /** With the default seed, the documented ids and CVUs are handed out. */
  readonly documentedIds: boolean;
  activationDelayMs: number;
  readonly partner: PartnerSettings;
  /** Signs tokens. */
  readonly signingKey: string;
  /** Sends a webhook. Without a URL nobody asked to be told. */
  notify(url: string | undefined, body: Readonly<Record<string, string>>, about: ResourceRef): void;
  /** Runs later, unless the sandbox is reset before. @returns takes it back */
  schedule(at: number, run: () => void): () => void;
  /** Remembers that a record is new, different or gone, for the storage. */
  save(change: Change): void;
  /** Writes down what happened to a resource. */
  note(about: ResourceRef, fact: TimelineFact): void;
  /** Where the pages for people are. */
  appUrl(): string;
}

/** The partner, as Talo has it on file. */
export interface PartnerSettings {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly slug: string;
  /** Percent. */
  readonly commission: number;
  /** Where Talo announces activated accounts. Configured at Talo, so set it here: there is no call for it. */
  webhookUrl: string | undefined;
  /** Where a merchant returns to after consenting. */
  redirectUri: string;
}
