// Processes of one measurement: started, asked by name, ended. Both ends of the conversation are here.
import { type ChildProcess, fork } from 'node:child_process';

/** What a process can be asked. Arguments and answers are what JSON can say. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process that answers. */
export interface Child<C extends Commands> {
  readonly pid: number;
  ask<Name extends string & keyof C>(
    name: Name,
    ...argument: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>>;
  /** Ends it, whatever it does. */
  end(): Promise<void>;
}

/** Starts a module as a process of its own and waits until it answers. */
export async function startChild<C extends Commands>(
  module: string | URL,
  settings: object,
  execArgv: readonly string[] = process.execArgv,
): Promise<Child<C>> {
  const child = fork(module, [JSON.stringify(settings)], { execArgv: [...execArgv] });
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let count = 0;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of waiting.values()) {
        reject(new Error(`${String(module)} ended with ${code ?? signal} before it answered.`));
      }
      waiting.clear();
      resolve();
    });
  });
  child.on('message', (message) => {
    const { id, value, error } = message as Answer;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value as never);
    else asked?.reject(new Error(error));
  });
  const wait = (id: number) =>
    new Promise<never>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });
  const ready = wait(0);
  await ready;
  return {
    pid: child.pid ?? 0,
    ask(name, ...[argument]) {
      const id = ++count;
      const answer = wait(id);
      child.send({ id, name, argument } satisfies Question);
      return answer;
    },
    async end() {
      if (isRunning(child)) child.kill('SIGKILL');
      await ended;
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** In the process: what it was started with. */
export function givenSettings<T extends object>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** In the process: says that it is ready, and answers until its parent is gone. */
export function answerParent(commands: Commands): void {
  process.on('message', (message) => {
    const { id, name, argument } = message as Question;
    void Promise.resolve()
      .then(() => commands[name]?.(argument as never))
      .then(
        (value) => process.send?.({ id, value } satisfies Answer),
        (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
      );
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ id: 0 } satisfies Answer);
}
