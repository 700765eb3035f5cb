import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatMoney } from '@talo/core';
import type { Duration, Notice, Scenario } from '../control/contract.ts';
import { type Call, callerOf } from './call.ts';
import { print } from './print.ts';
import { tail } from './tail.ts';
import { COMMAND_HELP, DEFAULT_URL, UsageError } from './usage.ts';

const common = {
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Context {
  readonly call: Call;
  readonly url: string;
  /** Prints an answer: as JSON when asked for, else in these words. */
  say(answer: unknown, words: () => string): void;
  readonly json: boolean;
}

type Command = (args: string[]) => Promise<void>;

/** Everything but `start`. */
export const commands: Readonly<Record<string, Command>> = {
  async status(args) {
    const { values } = parseArgs({ args, options: common });
    await run('status', values, async ({ call, say }) => {
      const status = await call('GET /status');
      say(status, () => {
        const { counts, total, clock, storage, merchant } = status;
        return [
          `sandbox ${status.version} on ${status.url}, ${storage === undefined ? 'in memory' : `in ${storage}`}`,
          `  clock      ${clock.now} (${clock.mode})`,
          `  merchant   ${merchant.userId}`,
          `  holds      ${counts.merchants} merchants, ${counts.customers} customers, ${counts.payments} payments`,
          `  received   ${formatMoney(total)} in ${counts.transfers} transfers`,
          `  faults     ${counts.faults}${status.scenarios.length > 0 ? `, running ${status.scenarios.join(', ')}` : ''}`,
        ].join('\n');
      });
    });
  },

  async seed(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...common,
        customers: { type: 'string', default: '0' },
        payments: { type: 'string', default: '0' },
        user: { type: 'string' },
        'webhook-url': { type: 'string', default: 'http://localhost:3000/webhooks/talo' },
        file: { type: 'string' },
      },
    });
    await run('seed', values, async ({ call, say }) => {
      const customers = count('customers', values.customers);
      const payments = count('payments', values.payments);
      if (values.file === undefined && customers + payments === 0) {
        throw new UsageError('say what: --customers, --payments or --file');
      }
      if (values.file !== undefined) await call('POST /import', { body: readJson(values.file) });
      const shared = {
        webhookUrl: values['webhook-url'],
        ...(values.user !== undefined && { userId: values.user }),
      };
      const made = { customers: [] as string[], payments: [] as string[] };
      for (let index = 0; index < customers; index++) {
        made.customers.push((await call('POST /customers', { body: shared })).alias);
      }
      for (let index = 0; index < payments; index++) {
        made.payments.push((await call('POST /payments', { body: { ...shared, price: 1000 } })).alias);
      }
      say(made, () =>
        [
          ...(values.file === undefined ? [] : [`loaded ${values.file}`]),
          ...made.customers.map((alias) => `customer  ${alias}`),
          ...made.payments.map((alias) => `payment   ${alias}`),
        ].join('\n'),
      );
    });
  },

  async transfer(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...common,
        kind: { type: 'string' },
        parts: { type: 'string' },
        from: { type: 'string' },
        cuit: { type: 'string' },
      },
    });
    await run('transfer', values, async ({ call, say }) => {
      const [to, amount] = few(positionals, 'a CVU or alias', 2);
      const from = {
        ...(values.from !== undefined && { name: values.from }),
        ...(values.cuit !== undefined && { cuit: values.cuit }),
      };
      const body = {
        to,
        ...(amount !== undefined && { amount }),
        ...(values.kind !== undefined && { kind: values.kind }),
        ...(values.parts !== undefined && { parts: count('parts', values.parts) }),
        ...(Object.keys(from).length > 0 && { from }),
      };
      const answer = await call('POST /transfers', { body });
      say(answer, () =>
        answer.transfers.map((made) => `${made.id}  ${formatMoney(made.amount)}  ${made.status}`).join('\n'),
      );
    });
  },

  async trigger(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...common,
        kind: { type: 'string' },
        id: { type: 'string' },
        user: { type: 'string' },
        body: { type: 'string' },
        header: { type: 'string', multiple: true },
        signature: { type: 'string' },
        times: { type: 'string' },
      },
    });
    await run('trigger', values, async (context) => {
      const [url] = atMost(positionals, 1);
      const { kind, id, user, body, header, signature, times } = values;
      const answer = await context.call('POST /notices/forge', {
        body: {
          ...(url !== undefined && { url }),
          ...(kind !== undefined && { kind }),
          ...(id !== undefined && { id }),
          ...(user !== undefined && { userId: user }),
          ...(body !== undefined && { body }),
          ...(header !== undefined && { headers: Object.fromEntries(header.map(splitHeader)) }),
          ...(signature !== undefined && { signature }),
          ...(times !== undefined && { times: count('times', times) }),
        },
      });
      await outcomes(context, answer.notices);
    });
  },

  async replay(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...common,
        times: { type: 'string' },
        to: { type: 'string' },
        signature: { type: 'string' },
      },
    });
    await run('replay', values, async (context) => {
      const [id = ''] = few(positionals, 'the id of a notice', 1);
      const answer = await context.call('POST /notices/:id/replay', {
        params: { id },
        body: {
          ...(values.times !== undefined && { times: count('times', values.times) }),
          ...(values.to !== undefined && { url: values.to }),
          ...(values.signature !== undefined && { signature: values.signature }),
        },
      });
      await outcomes(context, answer.notices);
    });
  },

  async fault(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: common });
    await run('fault', values, async ({ call, say }) => {
      const [verb, given = ''] = atMost(positionals, positionals[0] === 'clear' ? 1 : 2);
      if (verb === 'add') await call('POST /faults', { body: parseJson(given) });
      else if (verb === 'remove') await call('DELETE /faults/:id', { params: { id: given } });
      else if (verb === 'clear') await call('DELETE /faults');
      else if (verb !== undefined) throw new UsageError(`no such thing to do with faults: ${verb}`);
      const answer = await call('GET /faults');
      say(answer, () =>
        answer.faults.length === 0
          ? 'no faults'
          : answer.faults
              .map(({ id, fault, met }) => `${id}  met ${met}  ${JSON.stringify(fault)}`)
              .join('\n'),
      );
    });
  },

  async scenario(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...common, set: { type: 'string', multiple: true, default: [] } },
    });
    await run('scenario', values, async ({ call, say }) => {
      const [name, stopped] = atMost(positionals, positionals[0] === 'stop' ? 2 : 1);
      if (name === undefined) {
        const answer = await call('GET /scenarios');
        say(answer, () => answer.scenarios.map(scenarioLine).join('\n'));
      } else if (name === 'stop') {
        if (stopped === undefined) throw new UsageError('say which scenario to stop');
        const answer = await call('DELETE /scenarios/:name', { params: { name: stopped } });
        say(answer, () => scenarioLine(answer));
      } else {
        const body = Object.fromEntries(values.set.map(splitSetting));
        const answer = await call('POST /scenarios/:name', { params: { name }, body });
        say(answer, () => scenarioLine(answer));
      }
    });
  },

  async clock(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: common });
    await run('clock', values, async ({ call, say }) => {
      const [verb, span] = atMost(positionals, positionals[0] === 'advance' ? 2 : 1);
      if (verb === 'freeze') await call('POST /clock/freeze');
      else if (verb === 'run') await call('POST /clock/run');
      else if (verb === 'advance') await call('POST /clock/advance', { body: parseSpan(span) });
      else if (verb !== undefined) throw new UsageError(`no such thing to do with the clock: ${verb}`);
      const clock = await call('GET /clock');
      say(clock, () => `${clock.now}  ${clock.mode}`);
    });
  },

  async tail(args) {
    const { values } = parseArgs({
      args,
      options: { ...common, last: { type: 'string', default: '10' } },
    });
    await run('tail', values, async ({ call, url, json }) => {
      await tail({ call, url, json, last: count('last', values.last) });
    });
  },

  async export(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: common });
    await run('export', values, async ({ call, say }) => {
      const [file] = atMost(positionals, 1);
      const state = await call('GET /export');
      if (file === undefined) {
        print(JSON.stringify(state));
        return;
      }
      writeFileSync(file, `${JSON.stringify(state)}\n`, { mode: 0o600 });
      say({ file }, () => `written to ${file}`);
    });
  },

  async reset(args) {
    const { values } = parseArgs({ args, options: common });
    await run('reset', values, async ({ call, say }) => {
      const status = await call('POST /reset');
      say(status, () => 'back to the beginning');
    });
  },
};

async function run(
  name: string,
  values: { readonly url?: string | undefined; readonly json: boolean; readonly help: boolean },
  command: (context: Context) => Promise<void>,
): Promise<void> {
  if (values.help) {
    process.stdout.write(COMMAND_HELP[name] ?? '');
    return;
  }
  const url = values.url ?? process.env['TALO_SANDBOX_URL'] ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new UsageError(`--url must be a URL, not ${url}`);
  await command({
    call: callerOf(url),
    url,
    json: values.json,
    say: (answer, words) => print(values.json ? JSON.stringify(answer) : words()),
  });
}

/** Waits for what was sent by hand to be answered. @throws Error unless all of it was accepted */
async function outcomes({ call, say }: Context, sent: readonly Notice[]): Promise<void> {
  let notices = sent;
  const limit = Date.now() + 30_000;
  while (notices.some(({ outcome }) => outcome === 'pending') && Date.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    notices = await Promise.all(sent.map(({ id }) => call('GET /notices/:id', { params: { id } })));
  }
  say({ notices }, () => notices.map(noticeLine).join('\n'));
  if (notices.some(({ outcome }) => outcome !== 'delivered')) process.exitCode = 1;
}

function noticeLine({ id, target, outcome, attempts }: Notice): string {
  const last = attempts.at(-1);
  const answer = [last?.status, outcome, last?.reason && `(${last.reason})`].filter(Boolean).join(' ');
  const took = last !== undefined && last.number > 0 ? ` in ${last.durationMs.toFixed(0)} ms` : '';
  return `${id}  ${target}  ${answer}${took}`;
}

function scenarioLine({ name, doc, running, report, parameters }: Scenario): string {
  const set = parameters.map((parameter) => `${parameter.name}=${parameter.default}`).join(' ');
  const state = running
    ? `running ${JSON.stringify(report)}`
    : report
      ? `ended ${JSON.stringify(report)}`
      : set;
  return `${name}  ${state}\n    ${doc.en}`;
}

function few(positionals: readonly string[], first: string, most: number): readonly string[] {
  if (positionals.length === 0) throw new UsageError(`say ${first}`);
  return atMost(positionals, most);
}

function atMost(positionals: readonly string[], most: number): readonly string[] {
  if (positionals.length > most) throw new UsageError(`too much: ${positionals.slice(most).join(' ')}`);
  return positionals;
}

function count(name: string, value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new UsageError(`--${name} must be a whole number, not ${value}`);
  return Number(value);
}

function splitHeader(given: string): [string, string] {
  const colon = given.indexOf(':');
  if (colon < 1) throw new UsageError(`--header must be name:value, not ${given}`);
  return [given.slice(0, colon).trim(), given.slice(colon + 1).trim()];
}

function splitSetting(given: string): [string, string | number] {
  const equals = given.indexOf('=');
  if (equals < 1) throw new UsageError(`--set must be name=value, not ${given}`);
  const value = given.slice(equals + 1);
  return [given.slice(0, equals), value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}

function parseSpan(span: string | undefined): Duration {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(span ?? '') ?? [];
  if (number === undefined)
    throw new UsageError(`a span is 30h, 5d, 90m, 10s or 500ms, not ${span ?? 'nothing'}`);
  const names: Readonly<Record<string, keyof Duration>> = {
    ms: 'ms',
    s: 'seconds',
    m: 'minutes',
    h: 'hours',
    d: 'days',
  };
  return { [names[unit] ?? 'ms']: Number(number) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`not JSON: ${text === '' ? 'nothing' : text}`);
  }
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON`); // which may be long, and hold secrets
  }
}
