import type { Fault } from '../../../src/control/contract.ts';
import type { Dictionary } from '../i18n/index.ts';
import { stretch } from '../lib/format.ts';

/** A fault as a sentence: what happens, to what, how often. */
export function describeFault(fault: Fault, { faults }: Dictionary): string {
  return [whatHappens(fault, faults), whereTo(fault, faults), howOften(fault, faults)]
    .filter(Boolean)
    .join(' · ');
}

function whatHappens(fault: Fault, text: Dictionary['faults']): string {
  const parts: string[] = [];
  if (fault.side !== 'webhook' && fault.status !== undefined) parts.push(`HTTP ${fault.status}`);
  if (fault.effect !== undefined) {
    const copies = fault.side === 'webhook' ? (fault.copies ?? 1) : 1;
    parts.push(`${text.effects[fault.effect]}${copies > 1 ? ` × ${copies}` : ''}`);
  }
  if (fault.delayMs !== undefined || fault.jitterMs !== undefined) {
    const { delayMs = 0, jitterMs = 0 } = fault;
    const range = jitterMs === 0 ? stretch(delayMs) : `${stretch(delayMs)} – ${stretch(delayMs + jitterMs)}`;
    parts.push(`${text.effects.delay}: ${range}`);
  }
  if (fault.side === 'webhook' && fault.retry !== undefined) {
    const schedule = typeof fault.retry === 'string' ? fault.retry : fault.retry.map(stretch).join(', ');
    parts.push(`${text.retries}: ${schedule}`);
  }
  return parts.join(', ');
}

function whereTo(fault: Fault, text: Dictionary['faults']): string {
  const { match } = fault;
  const kind = fault.side === 'webhook' ? fault.match?.kind : undefined;
  const method = fault.side === 'webhook' ? undefined : fault.match?.method;
  const route = fault.side === 'webhook' ? undefined : fault.match?.route;
  const parts = [kind && text.kinds[kind], method, route, match?.resource].filter(Boolean);
  return parts.length === 0 ? `${text.sides[fault.side ?? 'api']}` : parts.join(' ');
}

function howOften(fault: Fault, text: Dictionary['faults']): string {
  const { times, match } = fault;
  const parts: string[] = [];
  if (times !== undefined) parts.push(text.timesEach(times));
  if (match?.probability !== undefined) parts.push(text.chance(Math.round(match.probability * 100)));
  return parts.join(', ');
}
