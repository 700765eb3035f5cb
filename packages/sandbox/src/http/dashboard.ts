import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const FILES = '/_dashboard/';

/** A hashed name in one folder; nothing that could leave it. */
const NAME = /^[\w-][\w.-]*$/;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything comes from here, and nothing runs that is not a file of ours. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Answers what belongs to the dashboard; `undefined`, at once, for what is Talo's. */
export type Dashboard = (request: Request) => Promise<Response> | undefined;

/**
 * The dashboard's built files. They are looked for when a browser first asks, so a sandbox in a test never does.
 * @param folder where they are; by default `dist/dashboard` of this package
 */
export function createDashboard(folder: () => Promise<string | undefined> = findFolder): Dashboard {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();

  async function page(): Promise<Response> {
    const found = await folder();
    const html = found === undefined ? undefined : await read(join(found, 'index.html'));
    // read anew each time, because it names the files of the last build
    return html === undefined ? answer(unbuilt, '.html', 503) : answer(html, '.html');
  }

  async function file(name: string): Promise<Response> {
    const found = NAME.test(name) ? await folder() : undefined;
    const known = files.get(name) ?? (found === undefined ? undefined : await read(join(found, FILES, name)));
    if (known === undefined) return answer('There is no such file.\n', '.txt', 404);
    files.set(name, known);
    return answer(known, extname(name), 200, 'public, max-age=31536000, immutable');
  }

  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(FILES)) return file(pathname.slice(FILES.length));
    // tools that ask for no page get the list of routes
    const browser = pathname === '/' && request.headers.get('accept')?.includes('text/html') === true;
    return browser ? page() : undefined;
  };
}

function answer(
  body: string | Uint8Array<ArrayBuffer>,
  extension: string,
  status = 200,
  caching = 'no-cache',
): Response {
  const type = TYPES[extension] ?? 'text/plain; charset=utf-8';
  return new Response(body, {
    status,
    headers: { ...HEADERS, 'content-type': type, 'cache-control': caching },
  });
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch {
    return undefined;
  }
}

/** In this package's own folder, which only a CommonJS file can name in both module formats. */
async function findFolder(): Promise<string | undefined> {
  const { default: place } = await import('#place');
  const folder = join(place, 'dist', 'dashboard');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}

const unbuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>talo-sandbox</title></head>
<body>
<h1>The sandbox runs; its dashboard is not built.</h1>
<p>In a clone of the repository, build it with</p>
<pre>npx -y pnpm@12 build:dashboard</pre>
<p>and load this page again. Everything else works without it: <a href="/openapi.json">Talo's API</a>,
<a href="/_sandbox/openapi.json">the sandbox's own</a>.</p>
</body>
</html>
`;
