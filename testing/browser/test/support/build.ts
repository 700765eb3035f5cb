import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** What is tested is what is built, and what is built is the present source. */
export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../../../../packages/sandbox/dashboard', import.meta.url));
  await build({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error' });
}
