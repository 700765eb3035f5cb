// Serves one mount of one driver, and says on request how much memory is in use. Started by run.ts, with --expose-gc.

import { pathToFileURL } from 'node:url';
import { application, PATH } from '../src/application.ts';
import type { Driver } from '../src/driver.ts';

const [module = '', name = ''] = process.argv.slice(2);
const { [name]: driver }: Record<string, Driver | undefined> = await import(pathToFileURL(module).href);
const [mount = ''] = Object.keys(driver?.mounts ?? {});
const app = application();
const served = await driver?.start({ webhooks: app.webhooks, path: PATH, mount });
if (served === undefined || globalThis.gc === undefined)
  throw new Error(`No driver ${name} in ${module}, or no gc.`);
const { gc } = globalThis;

process.on('message', async (asked) => {
  if (asked === 'end') {
    await served.close();
    process.disconnect();
    return;
  }
  // twice: what the first pass finalises the second one frees
  await gc({ execution: 'async', type: 'major' });
  await gc({ execution: 'async', type: 'major' });
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ used: heapUsed + external, rss, answers: await app.answers() });
});

const notices = await Promise.all(Array.from({ length: 100 }, (_, i) => app.payment(`memory-${i}`)));
process.send?.({ url: served.url, mount, notices });
