// Each starter is copied out of this repository and used as its README says, line by line: installed with npm from the
// packed packages, started, tried with curl, stopped; then its own tests run there.
import { deepStrictEqual, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allPacked, freePort, run, temporary } from '../../packaging/packed.ts';

/** What this test needs of `scripts/copy-starter.mjs`. */
interface Copier {
  readonly STARTERS: readonly string[];
  copyStarter(starter: string, to: string, tarballs: ReadonlyMap<string, string>): void;
}

const { STARTERS, copyStarter } = (await import(
  new URL('../../../scripts/copy-starter.mjs', import.meta.url).href
)) as Copier;
const tarballs = new Map(allPacked().map(({ manifest, tarball }) => [manifest.name, tarball]));

/** What the last command of each README shows once the money has come. */
const ENDS_WITH: Readonly<Record<string, RegExp>> = {
  'express-receivables': /"partly paid".*18\.000,00/,
  'fastify-loans': /"status":"paid".*"status":"partly paid"/,
  'nestjs-subscriptions': /"active":true.*"credit":"\$.5\.000,00"/,
};

const MERCHANT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
/** Where its sandbox shows what became of that money. */
const TIMELINE: Readonly<Record<string, string>> = {
  'express-receivables': `payments/${MERCHANT}/VAR-f61876b0-A-0001`,
  'fastify-loans': `customers/${MERCHANT}/20123456786`,
  'nestjs-subscriptions': `customers/${MERCHANT}/carla`,
};

test('every starter is tried here', () => {
  deepStrictEqual([...STARTERS].sort(), Object.keys(ENDS_WITH));
});

for (const [starter, shown] of Object.entries(ENDS_WITH)) {
  test(`${starter}, copied out of the repository, does what its README says`, {
    timeout: 300_000,
  }, async () => {
    const folder = join(temporary, starter);
    copyStarter(starter, folder, tarballs);
    const [port, talo] = [await freePort(), await freePort()];
    const settings = {
      // npm as it is on the machine, on the Node that runs this test
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      PORT: String(port),
      SANDBOX_PORT: String(talo),
    };
    const assigned = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const shell = (commands: string): string => run(folder, 'env', ...assigned, 'bash', '-euc', commands);

    deepStrictEqual(leftovers(folder), []);
    const [begin = '', commands = ''] = shellBlocks(folder, 'README.md');
    deepStrictEqual(shellBlocks(folder, 'README.es.md'), shellBlocks(folder, 'README.md'));
    const [install = '', dev = ''] = begin.trim().split('\n');
    shell(install);
    shell('npm run typecheck');

    const [program = '', ...args] = dev.split(' ');
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...settings },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const ended = exit.then(([code]) => Promise.reject(new Error(`It ended with ${code}:\n${printed}`)));
    try {
      while (!printed.includes('In another terminal:'))
        await Promise.race([once(child.stdout, 'data'), ended]);
      const here = commands.replaceAll(':3000', `:${port}`);
      shell(here);
      // the transfer is confirmed a moment later, so the last command is repeated until it shows it
      const [last = ''] = here.trim().split('\n').slice(-1);
      match(
        shell(`for i in {1..100}; do ${last} | grep -E '${shown.source}' && exit; sleep 0.1; done; ${last}`),
        shown,
      );
      const state = `http://127.0.0.1:${talo}/_sandbox`;
      await until(`${state}/${TIMELINE[starter]}`, '"type":"credited"');
    } finally {
      // what Ctrl+C does: every process of the terminal gets it
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
      await ended.catch(() => {});
    }
    shell('npm test');
  });
}

/** The commands in a page, one block after the other, without what is said about them. */
function shellBlocks(folder: string, page: string): string[] {
  const text = readFileSync(join(folder, page), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block.replace(/ +#.*$/gm, ''));
}

/** Asks until the answer holds this. */
async function until(url: string, expected: string): Promise<void> {
  let answer = '';
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    answer = await (await fetch(url)).text();
    if (answer.includes(expected)) return;
  }
  throw new Error(`${url} shows no ${expected}: ${answer}`);
}

/** Words that make sense in this repository alone. */
function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|json|ts)$/.test(name))
    .filter((name) =>
      /workspace:|catalog:|pnpm|turbo|@talo\/source|\.\.\/\.\./.test(
        readFileSync(join(folder, name), 'utf8'),
      ),
    );
}
