import type { VNode } from 'preact';
import type { Timestamp } from '../../../src/control/contract.ts';
import { clockTime, day, dayAndTime } from '../lib/format.ts';
import { language } from '../lib/preferences.ts';
import { now } from '../lib/sandbox.ts';

/** A moment: the time alone when it is today, in the sandbox's sense. The whole is in the tooltip. */
export function Time({ at, long }: { at: Timestamp; long?: boolean }): VNode {
  const chosen = language.value;
  const today = day(at, chosen) === day(new Date(now.value).toISOString(), chosen);
  return (
    <time dateTime={at} title={at} class="num">
      {today && !long ? clockTime(at) : dayAndTime(at, chosen)}
    </time>
  );
}
