import { formatMoney } from '@talo/core';
import type { StreamEvent } from '../control/contract.ts';
import type { JournalEntry } from '../http/front.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import { withoutQuery } from '../webhooks/targets.ts';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** In UTC, as everything that the API says. */
function time(at: Date | string): string {
  return `${(typeof at === 'string' ? at : at.toISOString()).slice(11, 19)}Z`;
}

export function printRequest({ id, at, method, path, status }: JournalEntry, json: boolean): void {
  if (json) print(JSON.stringify({ type: 'request', id, at, method, path, status }));
  else print(`${time(at)}  ${method} ${path}  ${status ?? 'connection lost'}`);
}

/** Origin and path only: the query may hold a secret. */
export function printDelivery({ url, ...delivery }: Delivery, json: boolean): void {
  const target = withoutQuery(url) || '(no URL)';
  if (json) print(JSON.stringify({ type: 'webhook', target, ...delivery }));
  else {
    const { at, attempt: number, notificationId } = delivery;
    print(`${time(at)}  ${attempt({ ...delivery, number, target })}  ${notificationId}`);
  }
}

interface Shown {
  readonly target: string;
  readonly number: number;
  readonly outcome: string;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
}

function attempt({ target, number, outcome, status, reason }: Shown): string {
  const answer = [status, outcome, reason && `(${reason})`].filter(Boolean).join(' ');
  return `webhook ${number > 0 ? `#${number} ` : ''}to ${target}  ${answer}`;
}

/** A line for what a person wants to see pass by; `undefined` for the rest. */
export function eventLine(event: StreamEvent): string | undefined {
  switch (event.type) {
    case 'request': {
      const { at, method, path, status, durationMs, fault } = event.request;
      const met = fault === undefined ? '' : `  (${fault})`;
      return `${time(at)}  ${method} ${path}  ${status ?? 'connection lost'} in ${durationMs.toFixed(1)} ms${met}`;
    }
    case 'transfer': {
      const { at, amount, cvu, status, id } = event.transfer;
      return `${time(at)}  transfer of ${formatMoney(amount)} to ${cvu}  ${status}  ${id}`;
    }
    case 'activity': {
      const { entry } = event;
      if (entry.type === 'status') return `${time(entry.at)}  ${nameOf(event)}  ${entry.from} -> ${entry.to}`;
      if (entry.type === 'created') return `${time(entry.at)}  ${nameOf(event)}  created`;
      if (entry.type !== 'webhook.attempt') return undefined;
      const { noticeId, attempt: number, outcome, status, reason, durationMs, at } = entry;
      const line = attempt({ target: nameOf(event), number, outcome, status, reason });
      const took = number > 0 ? ` in ${durationMs.toFixed(0)} ms` : '';
      return `${time(at)}  ${line}${took}  ${noticeId}`;
    }
    case 'clock':
      return `${time(event.clock.now)}  clock ${event.clock.mode} at ${event.clock.now}`;
    case 'gap':
      return 'some events were missed';
    default:
      return undefined;
  }
}

function nameOf({ resource }: { readonly resource?: { kind: string; userId: string; id?: string } }): string {
  return resource === undefined ? '' : `${resource.kind} ${resource.id ?? resource.userId}`;
}
