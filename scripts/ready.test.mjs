import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('ready.mjs', import.meta.url));

/** The files of a repository in which everything is installed; `undefined` takes one away. */
const complete = {
  'package.json': '{ "devDependencies": { "a": "1.0.0" } }',
  'packages/core/package.json': '{ "dependencies": { "b": "1.0.0" } }',
  'pnpm-lock.yaml': 'lock 1\n',
  'node_modules/.pnpm/lock.yaml': 'lock 1\n',
  'node_modules/.modules.yaml': '{\n  "pendingBuilds": []\n}\n',
  'node_modules/a/package.json': '{}',
  'packages/core/node_modules/b/package.json': '{}',
};

function repository(t, changes) {
  const folder = mkdtempSync(join(tmpdir(), 'talo-ready-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...complete, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(script, join(folder, 'scripts/ready.mjs'));
  return folder;
}

function ready(t, changes = {}, { pnpmSays = 0, execpath, nodeVersion } = {}) {
  const folder = repository(t, changes);
  const pnpm = join(folder, 'pnpm.mjs');
  writeFileSync(pnpm, `process.exit(${pnpmSays})`);
  const flags = nodeVersion
    ? [
        `--import=data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${nodeVersion}'})`,
      ]
    : [];
  const run = spawnSync(process.execPath, [...flags, join(folder, 'scripts/ready.mjs')], {
    env: { ...process.env, npm_execpath: execpath ?? pnpm },
    encoding: 'utf8',
  });
  return { status: run.status, says: run.stderr };
}

function stops(result, message) {
  assert.equal(result.status, 1);
  assert.match(result.says, message);
}

test('says nothing when everything is installed', (t) => {
  assert.deepEqual(ready(t), { status: 0, says: '' });
});

test('stops when nothing is installed', (t) => {
  stops(
    ready(t, { 'node_modules/.pnpm/lock.yaml': undefined }),
    /Nothing is installed[\s\S]*pnpm@12 install/,
  );
});

test('says first that nothing is installed, whatever the Node', (t) => {
  const result = ready(t, { 'node_modules/.pnpm/lock.yaml': undefined }, { nodeVersion: '20.20.2' });
  stops(result, /Nothing is installed/);
});

test('stops when the lockfile is missing', (t) => {
  stops(ready(t, { 'pnpm-lock.yaml': undefined }), /pnpm-lock\.yaml is missing/);
});

test('stops when an install of another lockfile is left over', (t) => {
  stops(ready(t, { 'pnpm-lock.yaml': 'lock 2\n' }), /did not finish/);
});

test('stops when pnpm finds the manifests and the installed packages apart', (t) => {
  stops(ready(t, {}, { pnpmSays: 1 }), /do not match the package\.json files/);
});

test('stops when the install failed for an unapproved install script', (t) => {
  for (const text of ['{ "ignoredBuilds": [\n    "a@1.0.0"\n  ] }', 'ignoredBuilds:\n  - a@1.0.0\n']) {
    stops(ready(t, { 'node_modules/.modules.yaml': text }), /allowBuilds/);
  }
  assert.equal(ready(t, { 'node_modules/.modules.yaml': '{ "ignoredBuilds": [] }' }).status, 0);
});

test('stops when an installed package was deleted', (t) => {
  stops(
    ready(t, { 'packages/core/node_modules/b/package.json': undefined }),
    /core\/node_modules\/b is missing/,
  );
});

test('stops on an old Node, where the pinned one could not be installed', (t) => {
  stops(ready(t, {}, { nodeVersion: '20.20.2' }), /runs on Node 20\.20\.2: the pinned Node 24/);
  stops(ready(t, {}, { nodeVersion: '22.17.1' }), /runs on Node 22\.17\.1/);
  assert.equal(ready(t, {}, { nodeVersion: '22.18.0' }).status, 0);
});

test('stops when it was not started by pnpm, because then nothing was installed', (t) => {
  stops(ready(t, {}, { execpath: '/usr/lib/npm-cli.js' }), /npx -y pnpm@12 test/);
});

test('with pnpm itself: a script does not run after a failed install', (t) => {
  const pnpm = process.env.npm_execpath ?? '';
  if (!/pnpm[^/\\]*$/.test(pnpm)) return t.skip('not started by pnpm');
  const manifest = (dependencies) =>
    JSON.stringify({
      name: 'failing',
      private: true,
      scripts: { probe: 'node scripts/ready.mjs && node --eval "console.log(6 * 7)"' },
      dependencies,
    });
  const folder = repository(t, {
    ...Object.fromEntries(Object.keys(complete).map((path) => [path, undefined])),
    'package.json': manifest({ there: 'link:./there' }),
    'there/package.json': '{ "name": "there", "version": "1.0.0" }',
    'pnpm-workspace.yaml': 'verifyDepsBeforeRun: install\npmOnFail: ignore\n',
  });
  const env = { ...process.env, CI: 'true' };
  for (const name of Object.keys(env)) if (/^(npm|pnpm)_/i.test(name)) delete env[name];
  const run = (...args) => {
    const [program, ...first] = /\.[cm]?js$/.test(pnpm) ? [process.execPath, pnpm] : [pnpm];
    const { status, stdout, stderr } = spawnSync(program, [...first, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return { status, says: `${stdout}${stderr}` };
  };
  assert.equal(run('install', '--no-frozen-lockfile', '--offline').status, 0);
  const good = run('probe');
  assert.equal(good.status, 0, good.says);
  assert.match(good.says, /^42$/m);

  writeFileSync(join(folder, 'package.json'), manifest({ there: 'link:./there', gone: 'file:./gone' }));
  const bad = run('probe');
  assert.notEqual(bad.status, 0, bad.says);
  assert.doesNotMatch(bad.says, /^42$/m);
  assert.match(bad.says, /✗ The installed packages do not match/);
});
