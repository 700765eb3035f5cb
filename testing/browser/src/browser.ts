import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** A headless Chromium that needs nothing of the machine but a temporary folder. */
export async function launch(): Promise<Browser> {
  // makes the package bring the libraries along that a machine without a desktop lacks; read when it is imported
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  const executablePath = await packed.executablePath();
  await addMonospace();
  return chromium.launch({
    executablePath,
    // the rest makes the same page the same pixels each time
    args: ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text', '--disable-partial-raster'],
  });
}

/**
 * The package's only font has no fixed width. Ids and code are wider in one that has, so the machine's own goes beside
 * it, where there is one: a page that fits a phone should fit it as people see it.
 */
async function addMonospace(): Promise<void> {
  try {
    // asked without the package's own settings, which know its font alone
    const { FONTCONFIG_PATH: _own, ...env } = process.env;
    const { stdout: font } = await promisify(execFile)('fc-match', ['--format=%{file}', 'monospace'], {
      env,
    });
    await copyFile(font, join(tmpdir(), 'fonts', basename(font)));
  } catch {
    // a machine without fonts
  }
}
