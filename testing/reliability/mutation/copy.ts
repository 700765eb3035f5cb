import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit } from './faults.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What the proofs run from. Each package's own `node_modules` points to its neighbours, and so into the copy. */
const PARTS = ['packages', 'testing', 'bench', 'package.json', 'tsconfig.base.json', 'vitest.shared.ts'];
const LEFT_OUT = ['dist', '.turbo', 'consumers', 'browser'];

export interface Copy {
  readonly path: string;
  /** Plants a fault in it. @returns takes it out again */
  plant(edits: readonly Edit[]): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

/** A copy of the repository: no fault is ever planted in the repository itself. */
export async function copyRepository(): Promise<Copy> {
  const path = await mkdtemp(join(tmpdir(), 'talo-mutation-'));
  // some tests run programs as a user without rights, who has to be able to read them
  await chmod(path, 0o755);
  const wanted = (source: string) => !source.split(sep).some((name) => LEFT_OUT.includes(name));
  for (const part of PARTS) {
    const from = join(ROOT, part);
    await cp(from, join(path, part), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => wanted(source.slice(ROOT.length)),
    });
  }
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return {
    path,
    async plant(edits) {
      const before = new Map<string, string>();
      for (const edit of edits) {
        const file = join(path, edit.file);
        const text = await readFile(file, 'utf8');
        if (!before.has(file)) before.set(file, text);
        await writeFile(file, apply(edit, text));
      }
      return async () => {
        for (const [file, text] of before) await writeFile(file, text);
      };
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** @throws if the text to be replaced is not there exactly once */
export function apply({ file, from, to }: Edit, text: string): string {
  const times = text.split(from).length - 1;
  if (times !== 1) {
    throw new Error(
      `A planted fault no longer fits ${file}: its text is there ${times} times, not once. Write it anew in mutation/faults.ts:\n${from}`,
    );
  }
  return text.replace(from, () => to);
}
