import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from './application.ts';
import type { Running } from './stage.ts';

/** How much faster than ours the time of an application goes that runs apart. */
export const PACE = 10;

/** A process, which can also be stopped and made to go on. */
export interface RunningApart extends Running {
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Whether it is stopped, as the machine says. */
  stopped(): Promise<boolean>;
}

export interface Apart {
  readonly launch: (point: string | undefined) => Promise<RunningApart>;
  /** Hands a notification to the process that was launched last, as a balancer in front of it would. */
  readonly receiver: (request: Request) => Promise<Response>;
}

/** What Talo is told; the balancer knows where that is. */
export const WEBHOOK_URL = 'https://shop.example/webhooks/talo';

/** Applications in processes of their own, which get a signal at their point. */
export function apart(
  apiUrl: string,
  userId: string,
  path: string,
  signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL',
): Apart {
  const began = Date.now();
  let skipped = 0;
  let origin: string | undefined;
  return {
    async launch(point) {
      const child = spawn(
        process.execPath,
        [
          '--conditions=@talo/source',
          '--disable-warning=ExperimentalWarning',
          fileURLToPath(new URL('./child.ts', import.meta.url)),
        ],
        {
          env: {
            ...process.env,
            DATABASE: path,
            TALO_URL: apiUrl,
            TALO_USER: userId,
            POINT: point ?? '',
            SIGNAL: signal,
            BEGAN: String(began),
            SKIPPED: String(skipped),
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      // it may die before it is ready: that is what it is for
      const [port] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      origin = `http://127.0.0.1:${String(port).trim()}`;
      return running(child, origin, (ms) => {
        skipped += ms;
      });
    },
    async receiver(request) {
      if (origin === undefined) return new Response(null, { status: 503 });
      const headers = { 'content-type': 'application/json' };
      const body = await request.text();
      return fetch(origin + new URL(request.url).search, {
        method: 'POST',
        headers,
        body,
        signal: request.signal,
      });
    },
  };
}

function running(child: ChildProcess, origin: string, skip: (ms: number) => void): RunningApart {
  const died = once(child, 'exit').then((): never => {
    throw new Error('the process died');
  });
  died.catch(() => {});
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    get alive() {
      return isAlive();
    },
    async ask(command: Command) {
      const asked = fetch(origin, { method: 'PUT', body: JSON.stringify(command) });
      try {
        const response = await asked;
        const answer: unknown = await response.json();
        if (!response.ok) throw new Error(String(answer));
        if (command.do === 'advance') skip(command.ms);
        return answer as never;
      } catch (error) {
        // a connection breaks a little before its process is seen to have ended
        if (error instanceof TypeError) return await died;
        throw error;
      }
    },
    signal(name) {
      child.kill(name);
    },
    async stopped() {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
      // after the name, which may hold anything, comes the state
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    },
    async kill() {
      if (!isAlive()) return;
      child.kill('SIGKILL');
      await died.catch(() => {});
    },
  };
}
