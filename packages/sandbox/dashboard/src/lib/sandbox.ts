import { computed, signal } from '@preact/signals';
import type { Clock, Status } from '../../../src/control/contract.ts';
import { call } from './api.ts';
import { listen } from './stream.ts';

/** What every view needs to know of the sandbox; `undefined` until it has answered. */
export const status = signal<Status | undefined>(undefined);
/** The last attempt to read it failed. */
export const unreachable = signal(false);

const tick = signal(Date.now());

/** The sandbox's time in milliseconds. Moves by the second while the clock runs. */
export const now = computed(() => {
  const clock = status.value?.clock;
  if (clock === undefined) return tick.value;
  return clock.mode === 'frozen' ? Date.parse(clock.now) : tick.value + clock.aheadMs;
});

const APART_MS = 750;
let running = false;
let wanted = false;

/** Reads the status again, soon: however often it is asked for, a little less than once a second. */
export async function refresh(): Promise<void> {
  wanted = true;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = false;
    try {
      status.value = await call('GET /status');
      unreachable.value = false;
    } catch {
      unreachable.value = true;
    }
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
  running = false;
}

export function showClock(clock: Clock): void {
  if (status.value) status.value = { ...status.value, clock };
}

export function startSandbox(): void {
  void refresh();
  setInterval(() => {
    tick.value = Date.now();
  }, 1000);
  listen((event) => {
    if (event.type === 'clock') showClock(event.clock);
    void refresh();
  });
}
