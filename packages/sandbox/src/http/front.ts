import type { Clock } from '@talo/core';
import type { Activity } from '../activity.ts';
import { ConnectionLost, cannedAnswer, type HalfAnswer, halve } from './broken.ts';
import type { Fault, FaultBook } from './faults.ts';

/** A request that the sandbox got. No headers, query or body: those hold secrets. */
export interface JournalEntry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** As answered, or as it would have been had the connection not failed. `undefined` when never processed. */
  readonly status: number | undefined;
  readonly at: Date;
  /** The fault that the request met. */
  readonly fault?: Fault;
}

export interface FrontOptions {
  readonly serve: (request: Request) => Promise<Response>;
  readonly faults: FaultBook;
  readonly clock: Clock;
  /** Of the Date header, against the clock. */
  readonly dateSkewMs: number;
  readonly activity: Activity;
  readonly record: (entry: JournalEntry) => void;
  readonly requestId: () => string;
}

/** @throws ConnectionLost */
export type Front = (request: Request) => Promise<Response | HalfAnswer>;

/** Every request's way in and out: faults, the journal, and the headers that each answer has. */
export function createFront(given: FrontOptions): Front {
  const { serve, faults, clock, dateSkewMs, activity, record, requestId } = given;

  async function answer(request: Request): Promise<Response | HalfAnswer> {
    const id = requestId();
    const at = new Date(clock.now());
    const { method } = request;
    const path = new URL(request.url).pathname;
    const fault = faults.meet(method, path);
    const note = (status: number | undefined): void =>
      record({ id, method, path, status, at, ...(fault && { fault }) });

    if (fault?.delayMs) await wait(clock, fault.delayMs);
    if (fault?.effect === 'reset') {
      note(undefined);
      throw new ConnectionLost();
    }
    const response = (fault && cannedAnswer(fault)) ?? (await serve(request));
    note(response.status);
    response.headers.set('x-request-id', id);
    response.headers.set('date', new Date(clock.now() + dateSkewMs).toUTCString());
    for (const [name, value] of Object.entries(fault?.headers ?? {})) response.headers.set(name, value);
    if (fault?.effect === 'lose-response') throw new ConnectionLost();
    if (fault?.effect === 'stall-body') return halve(response, 'stall');
    if (fault?.effect === 'truncate') return halve(response, 'break');
    return response;
  }

  return (request) => activity.track(answer(request));
}

function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
}
