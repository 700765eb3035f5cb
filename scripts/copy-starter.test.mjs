// That a copy installs and works is tried by testing/consumers/test/starters.test.ts; here, what it is made of.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyStarter, STARTERS } from './copy-starter.mjs';

function folderOf(t) {
  const folder = mkdtempSync(join(tmpdir(), 'talo-copy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const starter of STARTERS) {
  test(`${starter}: a copy has versions, settings and commands of its own`, (t) => {
    const to = join(folderOf(t), 'mine');
    copyStarter(starter, to);
    const json = (name) => JSON.parse(readFileSync(join(to, name), 'utf8'));
    const { name, scripts, dependencies, devDependencies } = json('package.json');
    assert.equal(name, starter);
    for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(version, /^\^?\d+\.\d+\.\d+$/, dependency);
    }
    assert.doesNotMatch(Object.values(scripts).join('\n'), /turbo|pnpm|@talo\/source/);
    assert.equal(json('tsconfig.json').extends, undefined);
    assert.equal(json('tsconfig.json').compilerOptions.strict, true);
    assert.match(readFileSync(join(to, 'README.md'), 'utf8'), /```sh\nnpm install\nnpm run dev\n```/);
    for (const absent of ['node_modules', 'dist', 'data', '.env']) {
      assert.equal(existsSync(join(to, absent)), false, absent);
    }
  });
}

test('refuses what is no starter, and a folder that holds something', (t) => {
  const folder = folderOf(t);
  assert.throws(() => copyStarter('quickstart', join(folder, 'a')), /The starters are express-receivables/);
  writeFileSync(join(folder, 'mine.txt'), '');
  assert.throws(() => copyStarter('express-receivables', folder), /not empty/);
});
