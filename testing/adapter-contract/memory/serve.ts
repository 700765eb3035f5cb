import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Notification } from '../src/application.ts';

interface Ready {
  readonly url: string;
  readonly mount: string;
  readonly notices: readonly Notification[];
}

export interface ServedElsewhere extends Ready {
  readonly server: ChildProcess;
  /** The next message of the server. */
  hear<T>(): Promise<T>;
  /** Has it close, and waits until the process ends by itself. @returns the exit code */
  end(): Promise<number | null>;
}

/**
 * @param driver `path/of/driver.ts:name`
 * @param flags of its Node; with none it serves the packages as built
 */
export async function serve(
  driver: string,
  flags: readonly string[] = ['--conditions=@talo/source'],
): Promise<ServedElsewhere> {
  const [, file = '', name = ''] = /^(.*):(\w+)$/.exec(driver) ?? [];
  const server = fork(join(import.meta.dirname, 'server.ts'), [resolve(file), name], {
    execArgv: [...flags, '--expose-gc'],
  });
  const exited = once(server, 'exit');
  const hear = async <T>(): Promise<T> => {
    const [message] = await Promise.race([once(server, 'message'), exited.then(() => [undefined])]);
    if (message === undefined) throw new Error(`The server of ${driver} ended too soon.`);
    return message;
  };
  const end = async (): Promise<number | null> => {
    server.send('end');
    const [code] = await exited;
    return code;
  };
  return { ...(await hear<Ready>()), server, hear, end };
}
