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

function advice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/not a database|malformed|corrupt/i.test(message)) {
    return 'it is damaged, or no SQLite file at all. Give the sandbox another file, or delete this one to start anew.';
  }
  if (TaloConfigError.is(error))
    return `${message} Give the sandbox another file, or delete this one to start anew.`;
  if (/no such (table|column)|has no column/i.test(message)) {
    return 'its tables are not those of a sandbox. Give the sandbox another file, or delete this one to start anew.';
  }
  if (/full/i.test(message)) {
    return 'the disk is full. Free some space: what happened since is still in memory, and is written with the next change.';
  }
  if (/locked|busy/i.test(message)) {
    return 'another process uses it, most likely another sandbox. Stop that one, or use another file.';
  }
  if (/readonly|read-only/i.test(message) || code === 'EACCES' || code === 'EROFS') {
    return 'this user may not write there.';
  }
  if (code === 'ENOENT') return 'its folder does not exist. Create it first.';
  if (code === 'EISDIR') return 'it is a folder. Give the path of a file in it.';
  if (error instanceof SyntaxError) return 'a record in it is not JSON. Give the sandbox another file.';
  return `${message}.`;
}
