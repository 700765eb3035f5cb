import { type Browser, chromium } from 'playwright-core';

/** A headless Chromium that needs nothing of the machine but a temporary folder. */
export async function launch(): Promise<Browser> {
  // makes the package bring the libraries along that a machine without a desktop lacks; read when it is imported
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  return chromium.launch({
    executablePath: await packed.executablePath(),
    // the rest makes the same page the same pixels each time
    args: ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text', '--disable-partial-raster'],
  });
}
