// Runs before every script. pnpm installs by itself, but when that install fails it only warns and goes on:
// this stops instead, with a sentence that says what to do, before anything runs on missing or stale code.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const read = (path) =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined;

function stop(problem, remedy) {
  console.error(`\n✗ ${problem}\n  ${remedy}\n  (folder: ${fileURLToPath(root)})\n`);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  stop(
    `This runs on Node ${process.versions.node}: the pinned Node 24 was not installed.`,
    'Run "npx -y pnpm@12 install" and read its first error, or install Node 22.18 or newer yourself.',
  );
}
const wanted = read('pnpm-lock.yaml');
const installed = read('node_modules/.pnpm/lock.yaml');
if (wanted === undefined)
  stop('pnpm-lock.yaml is missing.', 'Restore it with "git checkout pnpm-lock.yaml".');
if (installed === undefined) {
  stop('Nothing is installed.', 'Run "npx -y pnpm@12 install" and read its first error.');
}
if (installed !== wanted) {
  stop(
    'The installed packages are not those of pnpm-lock.yaml: the last install did not finish.',
    'Run "npx -y pnpm@12 install --frozen-lockfile" and read its first error.',
  );
}
