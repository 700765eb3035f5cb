// Copies a starter out of this repository, as a project that npm installs and that needs nothing from here:
//   npx -y pnpm@12 copy-starter express-receivables ../receivables
// Dependencies get the versions that are used here. As long as our own packages are on no registry (version 0.0.0), they
// are built and packed, and the tarballs go along in vendor/.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const json = (path) => JSON.parse(read(path));

/** The apps that are meant to be copied: those with settings of their own to fill in. */
export const STARTERS = readdirSync(join(root, 'apps')).filter((name) =>
  existsSync(join(root, 'apps', name, '.env.example')),
);

/** What a project needs besides, and has from the root here. */
const TOOLS = ['@types/node', 'typescript', 'vitest'];
/** Build output, what runs leave behind, and what is there for the sake of this repository alone. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'data', '.env', '.turbo', 'vitest.config.ts']);
/** Options of the root's tsconfig that are of use here alone. */
const OURS = ['customConditions', 'declaration', 'declarationMap'];

/** `{ vitest: '5.1.0', … }`: the versions that pnpm-workspace.yaml gives to `catalog:`. */
function readCatalog() {
  const [, list = ''] = /^catalog:\n((?: {2}.*\n)+)/m.exec(read('pnpm-workspace.yaml')) ?? [];
  return Object.fromEntries(
    [...list.matchAll(/^ {2}"?([^":]+)"?: (\S+)$/gm)].map(([, name, version]) => [name, version]),
  );
}

/** The packages of ours that a starter uses, by name, each with its folder. */
function ourPackages(manifest) {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const ours = names.filter((name) => name.startsWith('@talo/'));
  return new Map(ours.map((name) => [name, name.replace('@talo/', 'packages/')]));
}

/** What only holds in this repository, in the words of a project of its own. */
function reword(text, starter) {
  return text
    .replace(/<!-- only here -->[\s\S]*?<!-- \/only here -->\n*/g, '')
    .replaceAll(`npx -y pnpm@12 --filter @talo/${starter} dev`, 'npm install\nnpm run dev')
    .replaceAll(`npx -y pnpm@12 --filter @talo/${starter} `, 'npm run ')
    .replace(/TURBO_TELEMETRY_DISABLED=1 turbo run build:dashboard \S+ \S+ && /g, '')
    .replace(/TURBO_TELEMETRY_DISABLED=1 turbo run build \S+ \S+/g, 'npm run build')
    .replaceAll("'--conditions=@talo/source', ", '')
    .replaceAll(' --conditions=@talo/source', '')
    .replace(/^ *"customConditions": \[\],\n/m, '');
}

function writeManifest(folder, versionOf) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const real = (dependencies) =>
    Object.fromEntries(
      Object.entries(dependencies)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, range]) => [name, /^(workspace|catalog):/.test(range) ? versionOf(name) : range]),
    );
  const tools = Object.fromEntries(TOOLS.map((name) => [name, 'catalog:']));
  const standalone = {
    ...manifest,
    name: manifest.name.replace('@talo/', ''),
    dependencies: real(manifest.dependencies),
    devDependencies: real({ ...manifest.devDependencies, ...tools }),
  };
  writeFileSync(path, `${JSON.stringify(standalone, null, 2)}\n`);
}

/** One tsconfig.json in place of the starter's and the root's that it extends. */
function writeTsconfig(folder) {
  const path = join(folder, 'tsconfig.json');
  const { extends: _, ...own } = JSON.parse(readFileSync(path, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
  const base = Object.entries(json('tsconfig.base.json').compilerOptions).filter(
    ([name]) => !OURS.includes(name),
  );
  const compilerOptions = { ...Object.fromEntries(base), ...own.compilerOptions };
  writeFileSync(path, `${JSON.stringify({ ...own, compilerOptions }, null, 2)}\n`);
}

/**
 * @param {string} starter such as `express-receivables`
 * @param {string} to a folder that does not exist, or is empty
 * @param {ReadonlyMap<string, string>} [tarballs] packed packages by name, for packages that no registry has
 */
export function copyStarter(starter, to, tarballs = new Map()) {
  if (!STARTERS.includes(starter)) throw new Error(`The starters are ${STARTERS.join(', ')}.`);
  if (existsSync(to) && readdirSync(to).length > 0) throw new Error(`${to} exists and is not empty.`);
  const from = join(root, 'apps', starter);
  cpSync(from, to, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) || path === from });
  for (const name of readdirSync(to, { recursive: true })) {
    if (!/\.(md|json|ts)$/.test(name)) continue;
    const file = join(to, name);
    writeFileSync(file, reword(readFileSync(file, 'utf8'), starter));
  }

  const catalog = readCatalog();
  const packages = ourPackages(json(`apps/${starter}/package.json`));
  writeManifest(to, (name) => {
    const folder = packages.get(name);
    if (folder === undefined) return catalog[name];
    const tarball = tarballs.get(name);
    if (tarball === undefined) return `^${json(`${folder}/package.json`).version}`;
    mkdirSync(join(to, 'vendor'), { recursive: true });
    cpSync(tarball, join(to, 'vendor', basename(tarball)));
    return `file:vendor/${basename(tarball)}`;
  });
  writeTsconfig(to);
  // an older Node would fail on the first line of TypeScript, with an error that does not say so
  writeFileSync(join(to, '.npmrc'), 'engine-strict=true\n');
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
}

/** Builds and packs what a starter needs of ours. @returns tarballs by package name */
function pack(starter, folder) {
  const pnpm = (cwd, ...args) => {
    const started = process.env.npm_execpath ?? '';
    if (!/pnpm[^/\\]*$/.test(started)) {
      throw new Error('Start this with "npx -y pnpm@12 copy-starter …".');
    }
    const [program, ...first] = /\.[cm]?js$/.test(started) ? [process.execPath, started] : [started];
    const { status, stdout, stderr } = spawnSync(program, [...first, ...args], { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`pnpm ${args.join(' ')} failed:\n${stdout}${stderr}`);
  };
  const packages = ourPackages(json(`apps/${starter}/package.json`));
  const filters = [...packages.keys()].map((name) => `--filter=${name}`);
  pnpm(root, 'exec', 'turbo', 'run', 'build', ...filters, '--output-logs=errors-only');
  return new Map(
    [...packages].map(([name, of]) => {
      pnpm(join(root, of), 'pack', '--pack-destination', folder);
      const { version } = json(`${of}/package.json`);
      return [name, join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`)];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [starter = '', to = ''] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'talo-starter-'));
  try {
    if (to === '') throw new Error(`copy-starter <${STARTERS.join(' | ')}> <folder>`);
    const unreleased = STARTERS.includes(starter) && json('packages/core/package.json').version === '0.0.0';
    copyStarter(starter, resolve(to), unreleased ? pack(starter, folder) : undefined);
    console.log(
      `${starter} is in ${resolve(to)}. There, with Node 22.18 or newer: npm install && npm run dev`,
    );
  } catch (error) {
    console.error(`✗ ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
