import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '../sloppy');

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

test('the contract finds every sloppy adapter out, and has nothing against a good one', {
  timeout: 300_000,
}, async () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'talo-sloppy-'));
  const file = join(folder, 'report.json');
  const args = [vitest, 'run', '--reporter=json', `--outputFile=${file}`];
  // not what this run of vitest tells its workers
  const env = { PATH: process.env['PATH'] };
  await new Promise<void>((resolve) => {
    execFile(process.execPath, args, { cwd: FOLDER, env }, () => resolve());
  });
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(folder, { recursive: true });
  const failed = new Map<string, string[]>();
  for (const { ancestorTitles, title, status } of report.testResults.flatMap(
    (file) => file.assertionResults,
  )) {
    const [adapter = ''] = ancestorTitles[0]?.split(',') ?? [];
    const titles = failed.get(adapter) ?? [];
    failed.set(adapter, status === 'failed' ? [...titles, title] : titles);
  }
  const found: Readonly<Record<string, string>> = {
    'answers with send()': 'payment',
    'makes the bytes anew': 'gets them as they came',
    'decodes each piece by itself': 'byte by byte, cut within characters',
    'loses the query': 'payment',
    'answers before it has stored': 'forged, of another object, or not signed at all: refused',
    'waits for all of the body': 'one that stops half-way, with a length',
    'refuses by itself what comes while it closes':
      'what still comes while it closes gets the answer of the engine',
    'never stops the engine': 'closed, it leaves nothing open',
  };
  expect(failed.get('as it should be')).toEqual([]);
  failed.delete('as it should be');
  expect([...failed.keys()].sort()).toEqual(Object.keys(found).sort());
  for (const [adapter, title] of Object.entries(found)) {
    expect(failed.get(adapter), adapter).toContain(title);
  }
});
