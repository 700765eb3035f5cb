import { formatMoney } from '@talo/core';
import type { Money, Timestamp } from '../../../src/control/contract.ts';
import type { Language } from './preferences.ts';

/** Money is written one way, whatever the language: as Argentina writes it. */
export function money(amount: Money): string {
  return formatMoney(amount);
}

/** For a field of the control API: `{ centavos: 17202937 }` is `172029.37`. */
export function asPesos({ centavos }: Money): string {
  const digits = String(Math.abs(centavos)).padStart(3, '0');
  const fraction = digits.slice(-2);
  return `${centavos < 0 ? '-' : ''}${digits.slice(0, -2)}${fraction === '00' ? '' : `.${fraction}`}`;
}

/**
 * What somebody types as an amount, as the API takes it: `1.500,50`, `1500.50` and `$ 1500` are the same money.
 * `undefined` for what is no amount.
 */
export function readPesos(typed: string): string | undefined {
  const text = typed.replace(/[\s$]/g, '');
  const argentine = /^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?$/.exec(text);
  if (argentine) return join(argentine[1]?.replaceAll('.', ''), argentine[2]);
  const plain = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  return plain ? join(plain[1], plain[2]) : undefined;
}

function join(whole = '', fraction?: string): string {
  return fraction === undefined ? whole : `${whole}.${fraction}`;
}

const ZONE = 'America/Argentina/Buenos_Aires';

const locale = (language: Language): string => (language === 'es' ? 'es-AR' : 'en-GB');

/** Argentina's time, which is what the merchants and their banks live in. */
export function clockTime(at: Timestamp): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, timeStyle: 'medium' }).format(new Date(at));
}

export function day(at: Timestamp, language: Language): string {
  return new Intl.DateTimeFormat(locale(language), {
    timeZone: ZONE,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(new Date(at));
}

export function dayAndTime(at: Timestamp, language: Language): string {
  const date = new Intl.DateTimeFormat(locale(language), { timeZone: ZONE, day: '2-digit', month: 'short' });
  // on two lines at most: the day, and the time
  return `${date.format(new Date(at)).replaceAll(' ', '\u00a0')}, ${clockTime(at)}`;
}

/** Argentina has had no summer time since 2009, and none is planned. */
const OFFSET_MS = 3 * 3_600_000;

/** A moment as a `datetime-local` field has it, to the minute, in Argentina's time. */
export function localOf(at: Timestamp): string {
  return new Date(Date.parse(at) - OFFSET_MS).toISOString().slice(0, 16);
}

/** What such a field says, as a moment. */
export function fromLocal(local: string): Timestamp {
  return new Date(`${local}-03:00`).toISOString();
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A stretch of time in its two largest units: `1 d 6 h`, `2 min 5 s`, `41 ms`. */
export function stretch(ms: number): string {
  const whole = Math.round(Math.abs(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 60_000) return `${Number((whole / 1000).toFixed(whole < 10_000 ? 1 : 0))} s`;
  const parts: string[] = [];
  let rest = Math.round(whole / 1000) * 1000;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** A number with its thousands apart. */
export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(locale(language)).format(value);
}

/** `1,21 %` */
export function percent(value: number, language: Language): string {
  return `${new Intl.NumberFormat(locale(language), { maximumFractionDigits: 4 }).format(value)} %`;
}

/** `0000063050…741`: enough of a long id to know it again. */
export function shorten(id: string, length = 18): string {
  return id.length <= length ? id : `${id.slice(0, length - 6)}…${id.slice(-5)}`;
}
