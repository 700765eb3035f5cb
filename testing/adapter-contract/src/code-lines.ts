import { globSync, readFileSync } from 'node:fs';

/** Lines of code of the files under a folder, one by one, without blank lines and comments. */
export function codeLines(folder: string, files = '**/*.ts'): readonly string[] {
  return globSync(files, { cwd: folder }).flatMap((file) =>
    readFileSync(`${folder}/${file}`, 'utf8')
      .replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')),
  );
}
