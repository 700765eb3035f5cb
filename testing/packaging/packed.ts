import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The part of a package.json that these checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string | Entry>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One entry of `exports`, as every package here writes it. */
export interface Entry {
  readonly import: { readonly types: string; readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

export interface Packed {
  readonly manifest: Manifest;
  /** The .tgz file. */
  readonly tarball: string;
  /** The unpacked package, inside a node_modules folder with its dependencies beside it. */
  readonly folder: string;
  /** `['.', './constraints', …]`, without `./package.json`. */
  readonly entries: readonly string[];
}

export const here = dirname(fileURLToPath(import.meta.url));
/** Where packages lie: most under packages/, the conformance suite of inboxes beside the tests that use it. */
const parents = ['../../packages', '../../testing'].map((folder) => join(here, folder));

/** Runs the pnpm that started us, or the one on the PATH. */
export function pnpm(cwd: string, ...args: string[]): string {
  const started = process.env['npm_execpath'] ?? '';
  const program = /pnpm[^/\\]*$/.test(started) ? started : 'pnpm';
  const [file, ...first] = /\.[cm]?js$/.test(program) ? [process.execPath, program] : [program];
  return run(cwd, file, ...first, ...args);
}

/** Runs a program and returns what it printed; fails with everything it printed. */
export function run(cwd: string, file: string, ...args: string[]): string {
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[file, ...args].join(' ')} failed in ${cwd}\n${stdout}${stderr}`);
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The packages that are published: every one that is not private. */
function publishable(): { folder: string; manifest: Manifest }[] {
  return parents
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/**
 * Packs every published package into `<temporary>/tarballs` and unpacks it under `<temporary>/node_modules`, with links
 * to the dependencies and peers that the workspace has installed for it.
 */
export function packAll(temporary: string): void {
  const tarballs = join(temporary, 'tarballs');
  mkdirSync(tarballs, { recursive: true });
  for (const { folder, manifest } of publishable()) {
    if (!existsSync(join(folder, 'dist')))
      throw new Error(`${manifest.name} is not built: run "pnpm build" first.`);
    pnpm(folder, 'pack', '--pack-destination', tarballs);
    const unpacked = join(temporary, 'node_modules', manifest.name);
    mkdirSync(unpacked, { recursive: true });
    run(temporary, 'tar', '-xzf', tarballOf(temporary, manifest), '-C', unpacked, '--strip-components=1');
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const link = join(temporary, 'node_modules', name);
      if (name.startsWith('@talo/') || existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(realpathSync(join(folder, 'node_modules', name)), link, 'junction');
    }
  }
}

function tarballOf(temporary: string, { name, version }: Manifest): string {
  return join(temporary, 'tarballs', `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}

/** Where `run.ts` put the packed packages for the test files. */
export const temporary: string = process.env['TALO_PACKED'] ?? '';

/** What `run.ts` packed. */
export function allPacked(): Packed[] {
  if (temporary === '')
    throw new Error('Run these tests with "pnpm test:packed", which packs the packages first.');
  return publishable().map(({ manifest: { name } }) => {
    const folder = join(temporary, 'node_modules', name);
    const manifest = readManifest(folder);
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
    return { manifest, folder, entries, tarball: tarballOf(temporary, manifest) };
  });
}

/**
 * A fresh copy of a project under testing/consumers, with these packages installed into it from their tarballs.
 * @returns its folder
 */
export function consumer(project: string, packages: readonly string[]): string {
  const folder = join(temporary, project);
  cpSync(join(here, '../consumers', project), folder, { recursive: true });
  const packed = allPacked();
  // our packages need each other in a version that no registry has yet
  const overrides = packed.map(({ manifest, tarball }) => `  '${manifest.name}': 'file:${tarball}'`);
  appendFileSync(join(folder, 'pnpm-workspace.yaml'), ['overrides:', ...overrides, ''].join('\n'));
  const tarballs = packages.map((name) => {
    const found = packed.find(({ manifest }) => manifest.name === name);
    if (found === undefined) throw new Error(`${name} was not packed`);
    return found.tarball;
  });
  // installs the committed lockfile and adds the tarballs to it
  pnpm(folder, 'add', ...tarballs);
  return folder;
}

const versions = join(temporary, 'node-versions');

/**
 * The Nodes that the packages run on: two of testing/consumers/node-versions, and the one that runs this. That each is
 * what it is taken for is seen in node-versions.test.ts.
 */
export const nodes = {
  20: join(versions, 'node_modules/node20/bin/node'),
  22: join(versions, 'node_modules/node22/bin/node'),
  24: process.execPath,
} as const;

/** Puts the other Nodes in place, once for all test files. */
export function installNodes(folder: string): void {
  const to = join(folder, 'node-versions');
  cpSync(join(here, '../consumers/node-versions'), to, { recursive: true });
  pnpm(to, 'install', '--frozen-lockfile');
}

/** The four files behind an entry: `files(core, './constraints').require.types`. */
export function files({ manifest, folder }: Packed, entry: string): Entry {
  const found = manifest.exports[entry];
  if (found === undefined || typeof found === 'string')
    throw new Error(`${manifest.name} has no entry ${entry}`);
  const at = (side: Entry['import']): Entry['import'] => ({
    types: join(folder, side.types),
    default: join(folder, side.default),
  });
  return { import: at(found.import), require: at(found.require) };
}

/** `@talo/core` + `./constraints` -> `@talo/core/constraints`. */
export function specifier({ manifest }: Packed, entry: string): string {
  return manifest.name + entry.slice(1);
}

/** A port that nobody listens at, at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No port.');
  return address.port;
}
