import { expect } from 'vitest';
import type { Answer } from './exchange.ts';

/** Every answer in its bytes. Written out here, because what core says is what is on trial. */
const ANSWERS = {
  received: { status: 200, body: '{"received":true}' },
  malformed: { status: 400, body: '{"error":"malformed"}' },
  unauthenticated: { status: 401, body: '{"error":"unauthenticated"}' },
  'wrong-method': { status: 405, body: '{"error":"wrong-method"}' },
  'slow-body': { status: 408, body: '{"error":"slow-body"}' },
  'too-large': { status: 413, body: '{"error":"too-large"}' },
  'body-consumed': { status: 503, body: '{"error":"body-consumed"}' },
  'raw-body-missing': { status: 503, body: '{"error":"raw-body-missing"}' },
  unavailable: { status: 503, body: '{"error":"unavailable"}' },
  stopping: { status: 503, body: '{"error":"stopping"}' },
} as const;

/** How long a condition is waited for, on a machine that has other things to do. */
export const SOON = { timeout: 30_000, interval: 20 };

export type Expected = keyof typeof ANSWERS;

/** Status, body and our headers, byte by byte; what a framework adds of its own is its own. */
export function expectAnswer(answer: Answer, expected: Expected, method = 'POST'): void {
  const { status, body } = ANSWERS[expected];
  const ours = ['content-type', 'cache-control', 'allow', 'retry-after'];
  expect({
    status: answer.status,
    body: answer.body.toString('latin1'),
    headers: Object.fromEntries(ours.map((name) => [name, answer.headers.get(name)])),
  }).toEqual({
    status,
    body: method === 'HEAD' ? '' : body,
    headers: {
      'content-type': ['application/json'],
      'cache-control': ['no-store'],
      allow: status === 405 ? ['POST'] : undefined,
      'retry-after': status === 503 ? ['5'] : undefined,
    },
  });
}
