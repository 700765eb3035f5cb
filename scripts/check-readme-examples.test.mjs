import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check, extract } from './check-readme-examples.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const fence = '```';

test('every example in the READMEs compiles', () => {
  const { checked, problems } = check(root);
  assert.deepEqual(problems, []);
  assert.ok(checked > 10, `only ${checked} examples were found`);
});

test('lines stay where they are in the page, and the prelude comes along', () => {
  const page = ['# Title', '<!-- example', 'declare const a: 1;', '-->', `${fence}ts`, 'a;', fence, 'end'];
  assert.deepEqual(extract(page.join('\n')), ['\n\ndeclare const a: 1;\n\n\na;']);
});

test('takes ts alone, and a prelude serves only the example right after it', () => {
  const prelude = ['<!-- example', 'p;', '-->'];
  const page = [...prelude, 'text', `${fence}ts`, 'x;', fence, `${fence}sh`, 'y', fence, fence, 'z', fence];
  assert.deepEqual(extract(page.join('\n')), ['\n\n\n\n\nx;']);
  assert.throws(() => extract(`${fence}ts\nx;`), /not closed/);
});

test('says file and line of what does not compile', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-readme-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['typescript', '@types']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  mkdirSync(join(folder, 'packages/one'), { recursive: true });
  writeFileSync(join(folder, 'packages/one/package.json'), '{ "name": "one" }');
  writeFileSync(
    join(folder, 'packages/one/README.md'),
    `# One\n\n${fence}ts\nconst a: number = 'b';\n${fence}\n`,
  );
  const { checked, problems } = check(folder);
  assert.equal(checked, 1);
  assert.match(problems.join('\n'), /^packages\/one\/README\.md:4:7: error TS2322/);
});
