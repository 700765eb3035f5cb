// Fails when docs/dependencies.md and the package.json files disagree: a direct dependency without a row, a row without
// a dependency, another version or another licence than what is installed. Run with "npx -y pnpm@12 check:dependencies".
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TABLE = 'docs/dependencies.md';
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Rows of the tables: `| name | versions | used by | what for | licence | … |`, by name. */
export function readTable(markdown) {
  const rows = new Map();
  for (const line of markdown.split('\n')) {
    const [, name, versions, , , licence] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    if (name === undefined || licence === undefined || name === 'Package' || /^:?-+:?$/.test(name)) continue;
    rows.set(name, { versions: versions.split(',').map((version) => version.trim()), licence });
  }
  return rows;
}

/** Every direct dependency under `root`: `{ name, version, licence?, from }`. */
export function readDependencies(root) {
  const manifests = globSync(
    [
      'package.json',
      '{packages,apps,testing}/*/package.json',
      'bench/package.json',
      'testing/consumers/*/package.json',
    ],
    { cwd: root },
  );
  return manifests.flatMap((from) => {
    const manifest = json(join(root, from));
    const all = KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
    return all
      .filter(([, range]) => !range.startsWith('workspace:'))
      .map(([alias, range]) => {
        // an alias such as "node20": "npm:node@20.20.2"
        const [, name = alias, exact = range] = /^npm:(.+)@([^@]+)$/.exec(range) ?? [];
        const installed = join(root, dirname(from), 'node_modules', alias, 'package.json');
        if (!existsSync(installed)) return { name, version: exact, from };
        const { version, license } = json(installed);
        return { name, version, licence: license, from };
      });
  });
}

/** One sentence per disagreement. */
export function compare(rows, dependencies) {
  const problems = [];
  for (const { name, version, licence, from } of dependencies) {
    const row = rows.get(name);
    if (row === undefined) {
      problems.push(`${name} ${version} (${from}) has no row.`);
      continue;
    }
    if (/^\d/.test(version) && !row.versions.includes(version)) {
      problems.push(`${name}: ${from} uses ${version}, the row says ${row.versions.join(', ')}.`);
    }
    if (licence !== undefined && licence !== row.licence) {
      problems.push(`${name}: its licence is ${licence}, the row says ${row.licence}.`);
    }
  }
  for (const [name, { versions }] of rows) {
    const used = dependencies.filter((dependency) => dependency.name === name);
    if (used.length === 0) problems.push(`${name} has a row and is not used.`);
    else if (used.every(({ version }) => /^\d/.test(version))) {
      for (const version of versions) {
        if (!used.some((dependency) => dependency.version === version)) {
          problems.push(`${name}: the row says ${version}, which nothing uses.`);
        }
      }
    }
  }
  return [...new Set(problems)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const dependencies = readDependencies(root);
  const problems = compare(readTable(readFileSync(join(root, TABLE), 'utf8')), dependencies);
  if (problems.length > 0) {
    console.error(`✗ ${TABLE} is not true any more:\n  ${problems.join('\n  ')}`);
    process.exitCode = 1;
  } else {
    console.log(
      `${TABLE} holds all ${new Set(dependencies.map(({ name }) => name)).size} direct dependencies.`,
    );
  }
}
