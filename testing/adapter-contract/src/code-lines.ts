import { globSync, readFileSync } from 'node:fs';

/** Lines of code under a folder, one by one, without blank lines and comments. */
export function codeLines(folder: string): readonly string[] {
  return globSync('**/*.ts', { cwd: folder }).flatMap((file) =>
    readFileSync(`${folder}/${file}`, 'utf8')
      .replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')),
  );
}
