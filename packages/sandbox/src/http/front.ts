import type { Clock } from '@talo/core';
import type { Activity } from '../activity.ts';
import type { Exchange } from '../history.ts';
import type { Oddities } from '../oddities.ts';
import type { ResourceRef } from '../state/records.ts';
import { ConnectionLost, cannedAnswer, type HalfAnswer, halve } from './broken.ts';
import type { ApiFault, FaultBook, Met } from './faults.ts';
import { maskedHeaders } from './mask.ts';
import { readText } from './read-text.ts';

/** A request that the sandbox got. No headers, query or body: those hold secrets. */
export interface JournalEntry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** As answered, or as it would have been had the connection not failed. `undefined` when never processed. */
  readonly status: number | undefined;
  readonly at: Date;
  /** The fault that the request met. */
  readonly fault?: ApiFault;
}

/** What the router sees of a request beside itself, and what it leaves for the log. */
export interface Visit {
  /** Reads show the state before the last transfer. */
  readonly stale: boolean;
  /** The body, read once. */
  readonly text: () => Promise<string>;
  readonly requestBody: () => string | undefined;
  /** As sent. */
  answerBody: string | undefined;
  about: ResourceRef | undefined;
}

/** An answer, made into text once for the wire and the log. */
export function answerJson(visit: Visit, body: object, status: number): Response {
  visit.answerBody = JSON.stringify(body);
  return new Response(visit.answerBody, { status, headers: { 'content-type': 'application/json' } });
}

export interface FrontOptions {
  readonly serve: (request: Request, visit: Visit) => Promise<Response>;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly oddities: Oddities;
  readonly activity: Activity;
  readonly record: (exchange: Exchange) => void;
  readonly requestId: () => string;
}

/** @throws ConnectionLost */
export type Front = (request: Request) => Promise<Response | HalfAnswer>;

/** Every request's way in and out: faults, the journal, and the headers that each answer has. */
export function createFront(given: FrontOptions): Front {
  const { serve, faults, clock, oddities, activity, record, requestId } = given;

  async function answer(request: Request): Promise<Response | HalfAnswer> {
    const id = requestId();
    const at = new Date(clock.now());
    const startedAt = performance.now();
    const { method } = request;
    const { pathname, search } = new URL(request.url);
    const body = bodyOf(request);
    const asked = { method, pathname, text: async () => `${search}${await body.read().catch(() => '')}` };
    const meeting = faults.meet(asked);
    const met: Met<ApiFault> | undefined = meeting instanceof Promise ? await meeting : meeting;
    const fault = met?.fault;
    const visit: Visit = {
      stale: fault?.effect === 'stale-read',
      text: body.read,
      requestBody: body.seen,
      answerBody: undefined,
      about: undefined,
    };
    const note = (status: number | undefined, headers: Headers): void =>
      record({
        entry: { id, method, path: pathname, status, at, ...(fault && { fault }) },
        target: `${pathname}${search}`,
        requestHeaders: maskedHeaders(request.headers),
        requestBody: kept(body.seen()),
        answerHeaders: maskedHeaders(headers),
        answerBody: kept(visit.answerBody),
        durationMs: performance.now() - startedAt,
        about: visit.about,
        fault: met && { id: met.id, fault: met.fault },
      });

    if (met !== undefined && met.delayMs > 0) await wait(clock, met.delayMs);
    if (fault?.effect === 'reset') {
      note(undefined, new Headers());
      throw new ConnectionLost();
    }
    const response = (fault && cannedAnswer(fault, request, oddities)) ?? (await serve(request, visit));
    response.headers.set('x-request-id', id);
    response.headers.set('date', new Date(clock.now() + oddities.dateSkewMs).toUTCString());
    for (const [name, value] of Object.entries(fault?.headers ?? {})) response.headers.set(name, value);
    note(response.status, response.headers);
    if (fault?.effect === 'lose-response') throw new ConnectionLost();
    if (fault?.effect === 'stall-body') return halve(response, 'stall');
    if (fault?.effect === 'truncate') return halve(response, 'break');
    return response;
  }

  return (request) => activity.track(answer(request));
}

/** The body of a request, read when somebody first wants it. */
function bodyOf(request: Request): { read: () => Promise<string>; seen: () => string | undefined } {
  let reading: Promise<string> | undefined;
  let text: string | undefined;
  return {
    read() {
      reading ??= readText(request).then((read) => {
        text = read;
        return read;
      });
      return reading;
    },
    seen: () => text,
  };
}

/** A log of days must not hold every page of a ledger. */
const KEPT_CHARACTERS = 16 * 1024;

function kept(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= KEPT_CHARACTERS) return text;
  // through bytes, because a slice of a string keeps all of it alive
  const cut = Buffer.from(text.slice(0, KEPT_CHARACTERS)).toString();
  return `${cut}… (${text.length - KEPT_CHARACTERS} characters more)`;
}

function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
}
