// Runs before every script. pnpm installs by itself, but when that install fails it only warns and goes on:
// this stops instead, with a sentence that says what to do, before anything runs on missing or stale code.
// It must run on the oldest Node that npm still supports: a machine may have no other when the install failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const INSTALL = 'Run "npx -y pnpm@12 install --frozen-lockfile" and read its first error.';

const exists = (path) => existsSync(new URL(path, root));
const read = (path) => (exists(path) ? readFileSync(new URL(path, root), 'utf8') : undefined);

function stop(problem, remedy) {
  console.error(`\n✗ ${problem}\n  ${remedy}\n  (folder: ${fileURLToPath(root)})\n`);
  process.exit(1);
}

const wanted = read('pnpm-lock.yaml');
if (wanted === undefined) {
  stop('pnpm-lock.yaml is missing.', 'Restore it with "git checkout pnpm-lock.yaml".');
}
const installed = read('node_modules/.pnpm/lock.yaml');
if (installed === undefined) stop('Nothing is installed.', INSTALL);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  stop(
    `This runs on Node ${process.versions.node}: the pinned Node 24 was not installed.`,
    'Run "npx -y pnpm@12 install --force" and read its first error, or install Node 22.18 or newer yourself.',
  );
}
if (installed !== wanted) {
  stop('The installed packages are not those of pnpm-lock.yaml: the last install did not finish.', INSTALL);
}

// pnpm's own opinion: it compares the manifests, the settings and the lockfile with what was installed
const pnpm = process.env.npm_execpath ?? '';
if (!/pnpm[^/\\]*$/.test(pnpm)) {
  stop('Scripts of this repository are started with pnpm.', 'For example "npx -y pnpm@12 test".');
}
const [program, ...first] = /\.[cm]?js$/.test(pnpm) ? [process.execPath, pnpm] : [pnpm];
const check = spawnSync(program, [...first, 'exec', process.execPath, '--eval', '0'], {
  cwd: fileURLToPath(root),
  env: { ...process.env, pnpm_config_verify_deps_before_run: 'error' }, // pnpm sets it to false for scripts
  encoding: 'utf8',
});
if (check.status !== 0) {
  console.error(`${check.error ?? ''}${check.stdout ?? ''}${check.stderr ?? ''}`);
  stop(
    'The installed packages do not match the package.json files: the last install did not finish.',
    'Run "npx -y pnpm@12 install" and read its first error.',
  );
}

const ignored = read('node_modules/.modules.yaml')?.match(/"?ignoredBuilds"?: *(\n *- .*|\[\s*"[^\]]*)/);
if (ignored) {
  stop(
    'The last install failed: a package may not run its install script.',
    'List the packages that "npx -y pnpm@12 install" names under allowBuilds in pnpm-workspace.yaml.',
  );
}

// pnpm does not look whether what it installed is still there
const projects = ['packages', 'apps', 'testing']
  .filter(exists)
  .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}/`));
for (const project of ['', 'bench/', ...projects]) {
  const manifest = JSON.parse(read(`${project}package.json`) ?? '{}');
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (!exists(`${project}node_modules/${name}/package.json`)) {
      stop(
        `${project}node_modules/${name} is missing although it was installed.`,
        'Delete node_modules and run the same command again.',
      );
    }
  }
}
