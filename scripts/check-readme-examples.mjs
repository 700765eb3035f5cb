// Type-checks every ```ts example in the READMEs against the packages' sources, all in one run of tsc. A README is what
// people copy from. "node scripts/check-readme-examples.mjs" prints what fails; "pnpm test" runs it too.
//
// What an example needs and a reader does not (`declare const orders: …`) goes into a comment right before it:
//   <!-- example
//   declare const orders: { markPaid(id: string): Promise<void> };
//   -->
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['packages/*', 'testing/inbox-conformance'];
const READMES = ['README*.md', ...PACKAGES.map((folder) => `${folder}/README*.md`)];

/**
 * The examples of a page, each as a module of its own in which every line stands where it stands in the page, so that
 * a position in one is a position in the other.
 */
export function extract(markdown) {
  const lines = markdown.split('\n');
  const examples = [];
  let kept = [];
  let inside = 'text';
  for (const [index, line] of lines.entries()) {
    const at = { index, line };
    if (inside === 'text') {
      if (line.trim() === '<!-- example') inside = 'prelude';
      else if (/^\s*```(ts|typescript)\s*$/.test(line)) inside = 'code';
      else if (/^\s*```\S/.test(line)) inside = 'other';
      else if (line.trim() !== '') kept = []; // a prelude belongs to the example right after it
    } else if (inside === 'prelude') {
      if (line.trim() === '-->') inside = 'text';
      else kept.push(at);
    } else if (/^\s*```\s*$/.test(line)) {
      if (inside === 'code') {
        const code = Array(lines.length).fill('');
        for (const { index, line } of kept) code[index] = line;
        examples.push(code.join('\n').trimEnd());
      }
      kept = [];
      inside = 'text';
    } else if (inside === 'code') kept.push(at);
  }
  if (inside !== 'text') throw new Error(`A ${inside} block is not closed.`);
  return examples;
}

/** Every package, and whatever any of them depends on, by the name that an example imports. */
function importable(root) {
  const found = new Map();
  const manifests = PACKAGES.map((folder) => `${folder}/package.json`);
  for (const manifest of globSync(manifests, { cwd: root })) {
    const folder = join(root, dirname(manifest));
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
    found.set(name, folder);
    for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
      const installed = join(folder, 'node_modules', dependency);
      if (!found.has(dependency) && existsSync(installed)) found.set(dependency, installed);
    }
  }
  return found;
}

/** @returns what is wrong, one line each: `packages/core/README.md:12:3: error TS2304: …`; and how many were checked */
export function check(root) {
  const pages = globSync(READMES, { cwd: root }).sort();
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'readme-examples-'));
  try {
    const pageOf = new Map();
    for (const page of pages) {
      for (const example of extract(readFileSync(join(root, page), 'utf8'))) {
        const file = `${pageOf.size}.ts`;
        pageOf.set(file, page.split(sep).join('/'));
        writeFileSync(join(folder, file), example);
      }
    }
    for (const [name, target] of importable(root)) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link, 'junction');
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: true,
        declaration: false,
        declarationMap: false,
        // as NestJS projects are set up
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        erasableSyntaxOnly: false,
      },
      files: [...pageOf.keys()],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '--project', 'tsconfig.json', '--pretty', 'false'];
    const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const said = `${run.stdout}${run.stderr}${run.error ?? ''}`.split('\n').filter((line) => line !== '');
    const problems = [];
    let elsewhere = false;
    for (const line of said) {
      const [, file, row, column, rest] = /^(\S+)\((\d+),(\d+)\)(: .*)$/.exec(line) ?? [];
      const page = pageOf.get(file);
      // what is wrong in the sources themselves is told by "pnpm typecheck"
      if (file !== undefined) elsewhere = page === undefined;
      if (!elsewhere) problems.push(page === undefined ? line : `${page}:${row}:${column}${rest}`);
    }
    if (run.status !== 0 && said.length === 0) problems.push(`tsc ended with ${run.status}.`);
    return { checked: pageOf.size, problems };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { checked, problems } = check(fileURLToPath(new URL('..', import.meta.url)));
  if (problems.length > 0) {
    console.error(`✗ Examples that do not compile:\n${problems.join('\n')}`);
    process.exitCode = 1;
  } else console.log(`All ${checked} examples in the READMEs compile.`);
}
