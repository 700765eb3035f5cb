import type { TimelineEntry, TimelineFact } from './control/contract.ts';
import type { Fault } from './http/faults.ts';
import type { JournalEntry } from './http/front.ts';
import { createRing, type Ring } from './ring.ts';
import type { BankTransfer, NoticeOrigin, ResourceRef } from './state/records.ts';
import type { Delivery } from './webhooks/delivery.ts';

/** A request with all of it, secrets masked, for whoever looks into it. */
export interface Exchange {
  readonly entry: JournalEntry;
  /** Path and query. */
  readonly target: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | undefined;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answerBody: string | undefined;
  readonly durationMs: number;
  readonly about: ResourceRef | undefined;
  readonly fault: { readonly id: string; readonly fault: Fault } | undefined;
}

/** A webhook and what became of it. */
export interface Notice {
  readonly id: string;
  readonly url: string;
  /** As sent. */
  readonly body: string;
  readonly about: ResourceRef | undefined;
  readonly origin: NoticeOrigin;
  readonly createdAt: number;
  readonly attempts: NoticeAttempt[];
  nextAttemptAt: number | undefined;
}

export interface NoticeAttempt {
  readonly number: number;
  readonly at: number;
  readonly outcome: Delivery['outcome'];
  readonly status: number | undefined;
  readonly durationMs: number;
  readonly reason: string | undefined;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly answer: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | undefined;
}

/** Something that whoever watches wants to hear of. */
export type Signal =
  | { readonly type: 'activity'; readonly about: ResourceRef; readonly entry: TimelineEntry }
  | { readonly type: 'request'; readonly exchange: Exchange }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'transfer'; readonly transfer: BankTransfer }
  | { readonly type: 'clock' }
  | { readonly type: 'changed'; readonly what: ChangedPart };

export type ChangedPart = 'merchants' | 'partner' | 'faults' | 'scenarios' | 'settings' | 'snapshots' | 'all';

export type Numbered = Signal & { readonly seq: number };

/** What happened lately, within bounds: it may run for days. */
export interface History {
  readonly exchanges: Ring<Exchange>;
  readonly notices: Ring<Notice>;
  readonly deliveries: Ring<Delivery>;
  /** The last signals, for who was away for a moment. */
  readonly signals: Ring<Numbered>;
  note(about: ResourceRef, fact: TimelineFact): void;
  /** Oldest first. */
  timeline(about: ResourceRef): readonly TimelineEntry[];
  signal(signal: Signal): void;
  /** @returns ends it */
  subscribe(listener: (signal: Numbered) => void): () => void;
  /** The number of the last signal. */
  readonly seq: number;
  clear(): void;
}

interface Timeline {
  readonly key: string;
  /** Oldest first. */
  readonly entries: TimelineEntry[];
}

const SIGNALS = 1000;
/** Entries of all timelines together, for each entry of the other lists. */
const TIMELINE_SHARE = 20;

export function refKey(about: ResourceRef): string {
  return about.kind === 'merchant'
    ? `merchant\n${about.userId}`
    : `${about.kind}\n${about.userId}\n${about.id}`;
}

export function createHistory(limit: number, now: () => number): History {
  const exchanges = createRing<Exchange>(limit);
  const notices = createRing<Notice>(limit);
  const deliveries = createRing<Delivery>(limit);
  const signals = createRing<Numbered>(SIGNALS);
  const timelines = new Map<string, Timeline>();
  let order: Timeline[] = []; // that of each entry, oldest first
  const listeners = new Set<(signal: Numbered) => void>();
  let seq = 0;
  let facts = 0;

  function signal(given: Signal): void {
    seq += 1;
    const numbered: Numbered = { ...given, seq };
    signals.push(numbered);
    for (const listener of listeners) listener(numbered);
  }

  function timelineOf(key: string): Timeline {
    const timeline = timelines.get(key) ?? { key, entries: [] };
    if (timeline.entries.length === 0) timelines.set(key, timeline);
    return timeline;
  }

  function trim(): void {
    const most = limit * TIMELINE_SHARE;
    if (order.length < most * 1.25) return; // amortised
    for (const { key, entries } of order.slice(0, -most)) {
      entries.shift();
      if (entries.length === 0) timelines.delete(key);
    }
    order = order.slice(-most);
  }

  return {
    exchanges,
    notices,
    deliveries,
    signals,
    note(about, fact) {
      facts += 1;
      const entry: TimelineEntry = { seq: facts, at: new Date(now()).toISOString(), ...fact };
      const timeline = timelineOf(refKey(about));
      timeline.entries.push(entry);
      order.push(timeline);
      trim();
      signal({ type: 'activity', about, entry });
    },
    timeline: (about) => [...(timelines.get(refKey(about))?.entries ?? [])],
    signal,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get seq() {
      return seq;
    },
    clear() {
      for (const ring of [exchanges, notices, deliveries, signals]) ring.clear();
      timelines.clear();
      order = [];
    },
  };
}
