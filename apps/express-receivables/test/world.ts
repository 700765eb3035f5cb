import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import { expect } from 'vitest';

/** The application in a process of its own, which can be killed, and a local Talo that reaches it over HTTP. */
export class World {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly #apiUrl: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'receivables-test-'));
  #process: ChildProcess | undefined;

  private constructor(sandbox: Sandbox, apiUrl: string, port: number) {
    this.sandbox = sandbox;
    this.#apiUrl = apiUrl;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async begin(): Promise<World> {
    // for longer than a process takes to come back: who retries is what saves a notification from a crash
    const retry = Array.from({ length: 120 }, () => 500);
    const sandbox = createSandbox({ delivery: { retry } });
    const { url } = await sandbox.listen();
    const world = new World(sandbox, url, await freePort());
    await world.start();
    return world;
  }

  async start(): Promise<void> {
    const main = join(import.meta.dirname, '../src/main.ts');
    const { userId, clientId, clientSecret } = this.sandbox.merchant.credentials;
    this.#process = spawn(process.execPath, ['--conditions=@talo/source', main], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        NODE_NO_WARNINGS: '1',
        TALO_API_URL: this.#apiUrl,
        TALO_USER_ID: userId,
        TALO_CLIENT_ID: clientId,
        TALO_CLIENT_SECRET: clientSecret,
        TALO_WEBHOOK_URL: `${this.url}/webhooks/talo`,
        TALO_WEBHOOK_SECRET: 'a secret of more than sixteen characters',
        PORT: String(this.#port),
        DATABASE: join(this.#folder, 'receivables.db'),
      },
    });
    await expect
      .poll(
        () =>
          fetch(this.url).then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 30_000 },
      )
      .toBe('up');
  }

  /** SIGKILL is what a crash is; with SIGTERM it gets to close. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    this.#process = undefined;
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = await exit;
    return code;
  }

  /** What the application's own tables say was received, in centavos. */
  received(): number {
    const db = new DatabaseSync(join(this.#folder, 'receivables.db'), { readOnly: true });
    try {
      return Number(db.prepare('SELECT coalesce(sum(amount), 0) AS total FROM receipts').get()?.['total']);
    } finally {
      db.close();
    }
  }

  /** The files that others on the machine may read. */
  open(): readonly string[] {
    return readdirSync(this.#folder).filter((name) => statSync(join(this.#folder, name)).mode & 0o077);
  }

  async end(): Promise<void> {
    await this.stop('SIGKILL');
    await this.sandbox.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
