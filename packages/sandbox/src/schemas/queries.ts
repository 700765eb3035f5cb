import { z } from 'zod';

const text = z.string().min(1);
const timestamp = z.iso.datetime({ offset: true });

/** Of `GET /transactions/` (talo-api 3.9). */
export const LedgerQuery = z.object({
  user_id: text,
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  team_id: z.string().optional(),
  start_date: timestamp.optional(),
  end_date: timestamp.optional(),
  cursor_user_id: text.optional(),
  cursor_transaction_id: text.optional(),
  cursor_creation_timestamp: timestamp.optional(),
});
