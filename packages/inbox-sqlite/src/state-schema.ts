import type { Schema } from './schema.ts';

/**
 * States, credits and events are found by a hash of their key or id, as hints are. Each is unique by being looked for
 * under the write lock before it is stored. Events are looked for among those of their resource, the row of
 * `talo_states`: resources are numbered as they come, so what is new goes to the end of that index. In one of hashes
 * alone every event would touch another page, the more so the larger it is.
 *
 * Deliveries of one (key, handler) are a lane, in the order of their events. Only one of a lane has a `due_at`: the one
 * that is claimed (`token`), else the first. What is due is found for each handler by itself: one that gets nothing now,
 * however much it has waiting, is passed over as a whole. A delivery that is done is deleted: its event stays and is
 * never enqueued again.
 */
export const STATE: Schema = {
  kind: 'state',
  migrations: [
    `
    CREATE TABLE talo_states (
      id INTEGER PRIMARY KEY,
      hash INTEGER NOT NULL,
      key TEXT NOT NULL,
      version INTEGER NOT NULL,
      state TEXT
    );
    CREATE INDEX talo_states_key ON talo_states (hash);
    CREATE TABLE talo_credits (
      position INTEGER PRIMARY KEY,
      hash INTEGER NOT NULL,
      key TEXT NOT NULL,
      kind TEXT NOT NULL,
      environment TEXT NOT NULL,
      account_id TEXT NOT NULL,
      payment_id TEXT,
      customer_id TEXT,
      transaction_id TEXT NOT NULL,
      gross_centavos INTEGER CHECK (typeof(gross_centavos) IN ('integer', 'null')),
      net_centavos INTEGER CHECK (typeof(net_centavos) IN ('integer', 'null')),
      commission_centavos INTEGER CHECK (typeof(commission_centavos) IN ('integer', 'null')),
      made_at INTEGER,
      at INTEGER NOT NULL
    );
    CREATE INDEX talo_credits_key ON talo_credits (hash);
    CREATE INDEX talo_credits_account ON talo_credits (account_id);
    CREATE INDEX talo_credits_payment ON talo_credits (payment_id) WHERE payment_id IS NOT NULL;
    CREATE INDEX talo_credits_customer ON talo_credits (customer_id) WHERE customer_id IS NOT NULL;
    CREATE TABLE talo_remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE talo_events (
      position INTEGER PRIMARY KEY,
      resource INTEGER NOT NULL,
      hash INTEGER NOT NULL,
      id TEXT NOT NULL,
      type TEXT NOT NULL,
      key TEXT NOT NULL,
      payload TEXT NOT NULL,
      version INTEGER NOT NULL,
      at INTEGER NOT NULL
    );
    CREATE INDEX talo_events_id ON talo_events (resource, hash);
    CREATE INDEX talo_events_age ON talo_events (at);
    CREATE TABLE talo_deliveries (
      key TEXT NOT NULL,
      handler TEXT NOT NULL,
      event INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      ready_at INTEGER NOT NULL,
      due_at INTEGER,
      set_at INTEGER NOT NULL,
      token INTEGER,
      PRIMARY KEY (key, handler, event)
    ) WITHOUT ROWID;
    CREATE INDEX talo_deliveries_due ON talo_deliveries (handler, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX talo_deliveries_leased ON talo_deliveries (token) WHERE token IS NOT NULL;
    CREATE INDEX talo_deliveries_event ON talo_deliveries (event);
    CREATE TABLE talo_dead (
      position INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      event INTEGER NOT NULL,
      handler TEXT NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL
    );
    CREATE INDEX talo_dead_event ON talo_dead (event);
    CREATE TABLE talo_counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO talo_counts VALUES ('deliveries', 0), ('dead', 0), ('token', 0), ('probe', 0);
    CREATE TABLE talo_fence (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL);
    INSERT INTO talo_fence VALUES (1, 0);
    `,
  ],
};
