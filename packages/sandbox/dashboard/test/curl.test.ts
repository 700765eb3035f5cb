import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { RequestDetail } from '../../src/control/contract.ts';
import { asCurl } from '../src/lib/curl.ts';

const request: RequestDetail = {
  id: 'r',
  at: '2026-03-02T17:20:00.000Z',
  method: 'POST',
  path: '/payments/',
  status: 200,
  durationMs: 1,
  url: "http://127.0.0.1:4600/payments/?note=it's",
  requestHeaders: {
    host: '127.0.0.1:4600',
    'content-length': '9',
    accept: '*/*',
    'content-type': 'application/json',
    authorization: 'Bearer TL-…',
  },
  requestBody: '{"motive":"d\'accord $(date) `id`"}',
  answerHeaders: {},
};

/** What a shell makes of the command: one line for each argument. */
function argumentsOf(command: string): string[] {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a shell gets exactly what was sent, whatever is in it', () => {
  expect(argumentsOf(asCurl(request))).toEqual([
    '-X',
    'POST',
    "http://127.0.0.1:4600/payments/?note=it's",
    '-H',
    'content-type: application/json',
    '-H',
    'authorization: Bearer TL-…',
    '--data-raw',
    '{"motive":"d\'accord $(date) `id`"}',
  ]);
});

test('a GET needs neither method nor body', () => {
  const { requestBody: _body, ...rest } = request;
  expect(argumentsOf(asCurl({ ...rest, method: 'GET', requestHeaders: {} }))).toEqual([request.url]);
});
