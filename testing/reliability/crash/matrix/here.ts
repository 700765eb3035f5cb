import type { Sandbox } from '@talo/sandbox';
import { clockOf, fetchOf, inboxOf, Life, storeOf } from '../life.ts';
import { WEBHOOK_URL } from './apart.ts';
import { type Application, type Command, createApplication } from './application.ts';
import { strikerAt } from './points.ts';
import type { Launch, Running } from './stage.ts';

export const TAKEOVER_MS = 500;

/** Applications that share this process and the sandbox's clock, each with a life of its own to lose. */
export function here(sandbox: Sandbox, path: string): { launch: Launch; receiver: Receiver } {
  let current: { life: Life; application: Application } | undefined;
  const launch: Launch = async (point) => {
    const life = new Life();
    const striker = strikerAt(point, () => life.end());
    const plainInbox = storeOf(life, { path, takeover: TAKEOVER_MS });
    const application = createApplication({
      talo: {
        apiUrl: sandbox.merchant.environment.apiUrl,
        userId: sandbox.merchant.credentials.userId,
        webhookUrl: WEBHOOK_URL,
        fetch: fetchOf(life, sandbox.fetch, striker.around),
      },
      clock: clockOf(life, sandbox.clock),
      inbox: inboxOf(life, plainInbox, striker.around),
      plainInbox,
      striker,
      pollMs: 60_000,
    });
    current = { life, application };
    await Promise.race([application.webhooks.start(), life.ended]);
    return running(life, application);
  };
  const receiver: Receiver = async (request) => {
    if (current === undefined) throw new Error('nobody listens');
    const { life, application } = current;
    return life.answer(() => application.webhooks.fetch(request));
  };
  return { launch, receiver };
}

export type Receiver = (request: Request) => Promise<Response>;

function running(life: Life, application: Application): Running {
  const answers = {
    status: () => application.status(),
    reconcile: () => application.reconcile(),
    create: (command: Extract<Command, { do: 'create' }>) => application.create(command),
    reprice: ({ id, centavos }: Extract<Command, { do: 'reprice' }>) => application.reprice(id, centavos),
    // it lives in the sandbox's time
    advance: async () => {},
  };
  return {
    get alive() {
      return !life.over;
    },
    ask: (command: Command) =>
      life.answer(() => (answers[command.do] as (command: Command) => Promise<never>)(command)),
    async kill() {
      life.end();
    },
  };
}
