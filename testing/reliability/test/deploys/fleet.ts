import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { request as send } from 'node:http';
import { fileURLToPath } from 'node:url';

/** A process of the application, behind the balancer. */
interface Member {
  readonly child: ChildProcess;
  readonly port: number;
  leaving: boolean;
}

/** How a process ended. */
export interface Farewell {
  readonly heard: number;
  readonly aborted: number;
}

/** Processes of the application and the balancer before them, as any host has one. */
export class Fleet {
  /** What a process that was up answered other than 200. */
  readonly refusals: string[] = [];
  /** The longest that a notification took to be answered, in milliseconds. */
  slowest = 0;
  /** Requests that a process on its way out still answered. */
  byLeaving = 0;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #members: Member[] = [];
  #turn = 0;

  constructor(variables: Readonly<Record<string, string>>) {
    this.#variables = variables;
  }

  /** @param more variables of this process alone */
  async grow(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = fork(fileURLToPath(new URL('./app.ts', import.meta.url)), {
      execArgv: ['--conditions=@talo/source', '--disable-warning=ExperimentalWarning'],
      env: { ...process.env, ...this.#variables, ...more },
    });
    const ready = once(child, 'message');
    const [message] = await Promise.race([ready, once(child, 'exit').then(() => [{ port: 0 }])]);
    const { port } = message as { readonly port: number };
    if (port === 0) throw new Error('the application did not start');
    this.#members.push({ child, port, leaving: false });
  }

  /** Starts a new process, and then ends the oldest one: nobody is told to come back later. */
  async deploy(more: Readonly<Record<string, string>> = {}): Promise<Farewell> {
    await this.grow(more);
    return this.shrink();
  }

  async shrink(): Promise<Farewell> {
    const oldest = this.#members.find(({ leaving }) => !leaving);
    if (oldest === undefined) throw new Error('nobody is left');
    const { child } = oldest;
    const farewell = once(child, 'message');
    const exit = once(child, 'exit');
    // the balancer learns of it when a connection is refused, not before
    oldest.leaving = true;
    child.kill('SIGTERM');
    const [message] = await farewell;
    const [code] = await exit;
    if (code !== 0) throw new Error(`the application ended with ${code}`);
    this.#members.splice(this.#members.indexOf(oldest), 1);
    return message as Farewell;
  }

  /** Hands a notification to one process after the other, and to the next where nobody listens any more. */
  async receive(request: Request): Promise<Response> {
    const began = performance.now();
    const body = await request.text();
    const { pathname, search } = new URL(request.url);
    const tried = new Set<Member>();
    const errors: string[] = [];
    this.#turn++;
    for (;;) {
      // whoever has come up meanwhile counts: what waited at a door that was closed goes to the next
      const left = this.#members.filter((member) => !tried.has(member));
      const member = left[this.#turn % left.length];
      if (member === undefined) break;
      tried.add(member);
      const status = await post(member.port, pathname + search, body);
      if (typeof status === 'string') {
        errors.push(status);
        continue;
      }
      this.slowest = Math.max(this.slowest, performance.now() - began);
      if (member.leaving) this.byLeaving++;
      if (status !== 200)
        this.refusals.push(`${status} of a process that is ${member.leaving ? 'leaving' : 'up'}`);
      return new Response(null, { status });
    }
    this.refusals.push(`nobody listens: ${errors}`);
    return new Response(null, { status: 502 });
  }

  async status<T>(): Promise<T> {
    const member = this.#members.at(-1);
    return (await (await fetch(`http://127.0.0.1:${member?.port}/`)).json()) as T;
  }

  async end(): Promise<void> {
    for (const { child } of this.#members.splice(0)) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }
}

/** One connection for each request: whether somebody listens is known before anything is sent. */
function post(port: number, path: string, body: string): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = send({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers });
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.once('error', (error) => resolve(error.message));
    outgoing.end(body);
  });
}
