import type { TaloClient } from '@talo/core';
import type { ReconcileReport } from '@talo/core/webhooks';
import type { Sandbox } from '@talo/sandbox';
import type { Command, Status } from './application.ts';

/** A running application, wherever it runs. What is asked of it rejects if it dies first. */
export interface Running {
  readonly alive: boolean;
  ask(command: { readonly do: 'status' }): Promise<Status>;
  ask(command: { readonly do: 'reconcile' }): Promise<ReconcileReport>;
  ask(command: Extract<Command, { do: 'create' }>): Promise<{ id: string; cvu: string | undefined }>;
  ask(command: Command): Promise<unknown>;
  kill(): Promise<void>;
}

/** Starts an application that dies at a point. Resolves also if it died at once. */
export type Launch = (point: string | undefined) => Promise<Running>;

/** Webhooks are due again this soon, so that a restart is told what it missed. */
export const RETRY: readonly number[] = Array<number>(200).fill(2_000);
const POLLS = 600;
/** Talo's notices and the looks that they cause come to rest within so many quiet polls. */
const QUIET_POLLS = 4;

export interface StagePorts {
  readonly sandbox: Sandbox;
  /** An onlooker's client: sets up what is no part of the application. */
  readonly talo: TaloClient;
  readonly launch: Launch;
  /** How a notification reaches the application. */
  readonly receiver: (request: Request) => Promise<Response>;
  /** Between two polls, in the application's time. */
  readonly breathe: () => Promise<void>;
}

/** Where a shape is played: a Talo, a bank, and an application that is started again whenever it dies. */
export class Stage {
  readonly sandbox: Sandbox;
  readonly talo: TaloClient;
  readonly reports: ReconcileReport[] = [];
  deaths = 0;
  readonly #ports: StagePorts;
  #running: Running | undefined;
  #orders = 0;

  constructor(ports: StagePorts) {
    this.#ports = ports;
    this.sandbox = ports.sandbox;
    this.talo = ports.talo;
  }

  /** Starts the application, which is to die at this point. */
  async begin(point: string | undefined): Promise<void> {
    this.#running = await this.#ports.launch(point);
  }

  /** A payment that the application makes; asked again until it says that it did. */
  async order(centavos: number): Promise<{ readonly id: string; readonly cvu: string | undefined }> {
    const externalId = `order-${this.#orders++}`;
    return this.#insist((running) => running.ask({ do: 'create', externalId, centavos }));
  }

  async reprice(id: string, centavos: number): Promise<void> {
    await this.#insist((running) => running.ask({ do: 'reprice', id, centavos }));
  }

  /** A notification that is sent until it is taken. */
  async tell(url: string, body: object): Promise<void> {
    await this.#insist(async () => {
      const headers = { 'content-type': 'application/json' };
      const request = new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
      const { status } = await this.#ports.receiver(request);
      if (status !== 200) throw new Error(`answered ${status}`);
    });
  }

  async reconcile(): Promise<void> {
    this.reports.push(await this.#insist((running) => running.ask({ do: 'reconcile' })));
  }

  /** Lets time pass on both sides. */
  async pass(ms: number): Promise<void> {
    await this.sandbox.clock.advance({ ms });
    await this.#insist((running) => running.ask({ do: 'advance', ms }));
    await this.rest();
  }

  /** Waits until nothing is left to do; whoever has died is started again, this time to live. */
  async rest(): Promise<void> {
    for (let quiet = 0, polls = 0; quiet < QUIET_POLLS; polls++) {
      if (polls > POLLS) throw new Error('it does not come to rest');
      const { backlog } = await this.status();
      quiet = backlog.hints + backlog.deliveries + backlog.running === 0 ? quiet + 1 : 0;
      await this.#step();
    }
  }

  status(): Promise<Status> {
    return this.#insist((running) => running.ask({ do: 'status' }));
  }

  async end(): Promise<void> {
    await this.#running?.kill();
  }

  async #step(): Promise<void> {
    await this.sandbox.clock.advance({ seconds: 1 });
    await this.#ports.breathe();
  }

  async #insist<T>(ask: (running: Running) => Promise<T>): Promise<T> {
    for (let attempts = 0; ; attempts++) {
      if (attempts > POLLS) throw new Error('the application does not answer');
      if (this.#running?.alive !== true) {
        this.deaths++;
        this.#running = await this.#ports.launch(undefined);
      }
      let over = false;
      const asked = ask(this.#running).finally(() => {
        over = true;
      });
      asked.catch(() => {});
      // an answer may need time to pass
      for (let steps = 0; !over && steps < POLLS; steps++) await this.#step();
      try {
        return await asked;
      } catch (error) {
        if (this.#running.alive) throw error;
      }
    }
  }
}
