import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
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

test('the contract finds every sloppy adapter out', { timeout: 120_000 }, async () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const args = [vitest, 'run', '--config', join(FOLDER, 'vitest.config.ts'), '--reporter=json'];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: FOLDER, maxBuffer: 2 ** 26 }, (_failed, stdout) =>
      resolve(stdout),
    );
  });
  const report = JSON.parse(output.slice(output.indexOf('{'))) as Report;
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
    'loses the query': 'payment',
    'answers before it has stored': 'forged, of another object, or not signed at all: refused',
    'waits for all of the body': 'one that stops half-way, with a length',
    'never stops the engine': 'closed, it leaves nothing open',
  };
  expect([...failed.keys()].sort()).toEqual(Object.keys(found).sort());
  for (const [adapter, title] of Object.entries(found)) {
    expect(failed.get(adapter), adapter).toContain(title);
  }
});
