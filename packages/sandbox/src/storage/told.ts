import { TaloConfigError } from '@talo/core';
import { StorageError } from './storage.ts';

/** SQLite's and the system's own words say little to who started a sandbox. */
export function tell<T>(path: string, done: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`${path} cannot be ${done}: ${advice(error)}`, error);
  }
}

/** By the system's code: its messages hold the path, which may say anything. */
const BY_CODE: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist. Create it first.',
  ENOTDIR: 'its folder is a file. Give the path of a file in a folder.',
  EISDIR: 'it is a folder. Give the path of a file in it.',
  EACCES: 'this user may not write there.',
  EPERM: 'this user may not write there.',
  EROFS: 'this user may not write there.',
  ENOSPC: 'the disk is full. Free some space.',
};

/** By SQLite's words, in which there is no path. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /not a database|malformed|corrupt/i,
    'it is damaged, or no SQLite file at all. Give the sandbox another file, or delete this one to start anew.',
  ],
  [
    /no such (table|column)|has no column/i,
    'its tables are not those of a sandbox. Give the sandbox another file, or delete this one to start anew.',
  ],
  [
    /full/i,
    'the disk is full. Free some space: what happened since is still in memory, and is written with the next change.',
  ],
  [
    /locked|busy/i,
    'another process uses it, most likely another sandbox. Stop that one, or use another file.',
  ],
  [/readonly|read-only/i, 'this user may not write there.'],
];

function advice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (TaloConfigError.is(error))
    return `${message} Give the sandbox another file, or delete this one to start anew.`;
  if (error instanceof SyntaxError) return 'a record in it is not JSON. Give the sandbox another file.';
  const told =
    code === 'ERR_SQLITE_ERROR' ? BY_WORDS.find(([words]) => words.test(message))?.[1] : BY_CODE[code];
  return told ?? `${message}.`;
}
