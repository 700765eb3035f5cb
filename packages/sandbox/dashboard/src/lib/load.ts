import { useEffect, useRef, useState } from 'preact/hooks';
import type { StreamEvent } from '../../../src/control/contract.ts';
import { listen } from './stream.ts';

export interface Loaded<T> {
  /** What was read last; stays while it is read again. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Between two reads that events ask for: a busy sandbox must not make a busy dashboard. */
const APART_MS = 500;

/**
 * Reads, reads again when `key` changes, and whenever something happened that concerns it. What is shown stays until
 * the new answer is there, so that nothing flickers.
 */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  concerns: (event: StreamEvent) => boolean,
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({
    data: undefined,
    error: undefined,
    loading: true,
  });
  const latest = useRef({ load, concerns });
  latest.current = { load, concerns };
  const again = useRef<() => void>(() => undefined);

  // `key` says when to begin anew; the rest is read when needed
  useEffect(() => {
    const life = new AbortController();
    let running = false;
    let wanted = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function run(): Promise<void> {
      running = true;
      wanted = false;
      setState((before) => ({ ...before, loading: true }));
      try {
        const data = await latest.current.load(life.signal);
        if (!life.signal.aborted) setState({ data, error: undefined, loading: false });
      } catch (error) {
        if (life.signal.aborted) return;
        setState((before) => ({
          data: before.data,
          error: error instanceof Error ? error : new Error(String(error)),
          loading: false,
        }));
      }
      running = false;
      timer = setTimeout(() => {
        timer = undefined;
        if (wanted && !life.signal.aborted) void run();
      }, APART_MS);
    }

    function want(): void {
      wanted = true;
      if (!running && timer === undefined) void run();
    }

    again.current = () => {
      clearTimeout(timer);
      timer = undefined;
      if (running) wanted = true;
      else void run();
    };
    setState((before) => ({ ...before, error: undefined, loading: true }));
    void run();
    const deaf = listen((event) => {
      const everything = event.type === 'gap' || (event.type === 'changed' && event.what === 'all');
      if (everything || latest.current.concerns(event)) want();
    });
    return () => {
      deaf();
      life.abort();
      clearTimeout(timer);
    };
  }, [key]);

  return { ...state, reload: () => again.current() };
}
