/** What a framework answers to Talo. */
export interface Outcome {
  readonly status: number;
  /** JSON; says nothing that came in. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In one word what happened, for logs and tests. */
  readonly reason: Reason;
}

export type Reason =
  | 'stored'
  | 'coalesced'
  | 'unknown-notification'
  | 'malformed'
  | 'too-large'
  /** The body came more slowly than Talo itself would wait. */
  | 'slow-body'
  /** Something before us read the body and left nothing of it. */
  | 'body-consumed'
  /** A verifier is set, and something before us parsed the body. */
  | 'raw-body-missing'
  | 'unauthenticated'
  /** More was asked for with one URL, or without any, than there is room for. */
  | 'crowded'
  | 'wrong-method'
  | 'unavailable'
  | 'stopping'
  | 'not-started';

/** Every answer there is. Talo counts anything slower than 3 s, and by common experience anything but 200, as failed. */
const STATUS: Readonly<Record<Reason, number>> = {
  stored: 200,
  coalesced: 200,
  'unknown-notification': 200,
  malformed: 400,
  unauthenticated: 401,
  'wrong-method': 405,
  'slow-body': 408,
  'too-large': 413,
  'body-consumed': 503,
  'raw-body-missing': 503,
  crowded: 503,
  unavailable: 503,
  stopping: 503,
  'not-started': 503,
};

export function outcome(reason: Reason): Outcome {
  const status = STATUS[reason];
  const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (status === 405) headers['allow'] = 'POST';
  if (status === 503) headers['retry-after'] = '5';
  return { status, body: status === 200 ? '{"received":true}' : `{"error":"${reason}"}`, headers, reason };
}
