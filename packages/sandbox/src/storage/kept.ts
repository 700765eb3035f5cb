import { z } from 'zod';
import { changedSettings, refused, time } from '../state/fixture.ts';
import type { Kept } from './storage.ts';

const text = z.string();

/** The settings in it are checked by the settings. */
const Schema = z.object({
  seed: text,
  ids: z.record(text, z.int().min(0)),
  clock: z.object({ frozen: z.boolean(), now: time, aheadMs: z.number().min(0) }),
  partner: z.object({ webhookUrl: text.optional(), redirectUri: text }),
  ...changedSettings.shape,
});

/** @throws TaloConfigError for what no sandbox wrote */
export function readKept(given: unknown): Kept {
  const { data, error } = Schema.safeParse(given);
  if (data === undefined) throw refused(error?.issues[0], ['kept']);
  return data as Kept;
}
