import { formatMoney } from '@talo/core';
import type { TimelineEntry } from '../control/contract.ts';
import type { History, Numbered } from '../history.ts';
import type { ResourceRef } from '../state/records.ts';

const LINES = 60;

/** What happened in a sandbox, a line each, oldest first. Without queries, headers and bodies. */
export function writeJournal(history: History): string {
  const lines = history.signals.list().flatMap(line);
  const shown = lines.slice(-LINES);
  const before = lines.length - shown.length;
  const head = before > 0 ? [`… and ${before} lines before`] : [];
  return ['What happened in the sandbox:', ...head, ...(shown.length > 0 ? shown : ['nothing'])].join('\n');
}

function line(signal: Numbered): string[] {
  if (signal.type === 'activity')
    return [`${clockTime(signal.entry.at)}  ${about(signal.about)}  ${tell(signal.entry)}`];
  // those about a resource are activity of it
  if (signal.type !== 'request' || signal.exchange.about !== undefined) return [];
  const { at, method, path, status } = signal.exchange.entry;
  return [`${clockTime(at.toISOString())}  ${method} ${path}  ${status ?? 'connection lost'}`];
}

function clockTime(at: string): string {
  return at.slice(11, 23);
}

function about(resource: ResourceRef): string {
  return resource.kind === 'merchant' ? `account ${resource.userId}` : `${resource.kind} ${resource.id}`;
}

function tell(entry: TimelineEntry): string {
  switch (entry.type) {
    case 'created':
      return 'created';
    case 'transfer':
      return `transfer of ${formatMoney(entry.amount)} ${entry.outcome}`;
    case 'status':
      return `${entry.from} -> ${entry.to} (${entry.cause})`;
    case 'changed':
      return `${entry.what} changed`;
    case 'webhook.queued':
      return `${entry.noticeId} for ${entry.target || 'nobody'}`;
    case 'webhook.attempt': {
      const answer = [entry.status, entry.outcome, entry.reason && `(${entry.reason})`].filter(Boolean);
      return `${entry.noticeId} attempt ${entry.attempt}: ${answer.join(' ')}`;
    }
    case 'webhook.retry':
      return `${entry.noticeId} again at ${clockTime(entry.dueAt)}`;
    case 'request':
      return `${entry.method} ${entry.path}  ${entry.status ?? 'connection lost'}${entry.fault ? ` (${entry.fault})` : ''}`;
    case 'credited':
      return `the application credited ${formatMoney(entry.amount)}`;
  }
}
