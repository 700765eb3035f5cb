import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** What a browser may have to fetch before it shows anything, in bytes of gzip. */
const BUDGET = 80 * 1024;

/** The dashboard is a tool's window: it has to stay light, so a build over its budget is no build. */
function budget(): Plugin {
  return {
    name: 'budget',
    generateBundle(_options, bundle) {
      let total = 0;
      for (const file of Object.values(bundle)) {
        total += gzipSync(file.type === 'chunk' ? file.code : file.source).byteLength;
      }
      if (total > BUDGET) this.error(`The dashboard has ${total} bytes of gzip; its budget is ${BUDGET}.`);
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // the page may be served behind any path, and knows its own
  base: './',
  resolve: { conditions: ['@talo/source', 'module', 'browser'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    // no script or style in the page itself, and no data: URL, so that the content security policy can be strict
    assetsInlineLimit: 0,
    // Talo has the other paths of this host
    assetsDir: '_dashboard',
    modulePreload: { polyfill: false },
    target: ['chrome125', 'firefox128', 'safari18'],
    sourcemap: false,
    // what is compiled in wants its licences beside it
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: { '/_sandbox': process.env['TALO_SANDBOX_URL'] ?? 'http://127.0.0.1:4600' } },
  plugins: [budget()],
});
