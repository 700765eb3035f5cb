#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { JournalEntry } from './http/front.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import type { Delivery } from './webhooks/delivery.ts';
import { type RetryPreset, retryPresets } from './webhooks/presets.ts';

const PRESETS = Object.keys(retryPresets) as RetryPreset[];

const HELP = `talo-sandbox: a local Talo. No money moves.

Usage: talo-sandbox [options]

  --port <number>           port on 127.0.0.1; 0 for any free one (default 4600)
  --seed <text>             where ids come from (default: those of Talo's documentation)
  --retry <preset>          webhook retries: ${PRESETS.join(', ')} (default backoff)
  --allow-remote            let webhooks leave this machine
  --partner-webhook <url>   where activated accounts are announced
  --redirect-uri <url>      where merchants return to after consenting
  --quiet                   do not print requests and webhooks
  --help

Examples:
  talo-sandbox
  talo-sandbox --port 4700 --retry quick
  talo-sandbox --partner-webhook http://localhost:3000/webhooks/talo

Then, in another terminal:
  curl -X POST http://127.0.0.1:4600/users/f61876b0-10a5-4e39-8e2c-17343b3fa1b6/tokens \\
    -H 'Content-Type: application/json' -d '{"client_id":"sandbox","client_secret":"sandbox"}'
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4600' },
      seed: { type: 'string' },
      db: { type: 'string' },
      retry: { type: 'string', default: 'backoff' },
      'allow-remote': { type: 'boolean', default: false },
      'partner-webhook': { type: 'string' },
      'redirect-uri': { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (values.db !== undefined) {
    throw new UsageError('--db is not available yet: nothing is kept when the sandbox stops');
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not ${values.port}`);
  }
  const retry = PRESETS.find((preset) => preset === values.retry);
  if (retry === undefined) throw new UsageError(`--retry must be one of ${PRESETS.join(', ')}`);
  for (const name of ['partner-webhook', 'redirect-uri'] as const) {
    const url = values[name];
    if (url !== undefined && !/^https?:\/\//.test(url)) {
      throw new UsageError(`--${name} must be a URL with http or https, not ${url}`);
    }
  }

  const sandbox = createSandbox({
    ...(values.seed !== undefined && { seed: values.seed }),
    delivery: { retry, allowRemote: values['allow-remote'] },
    partner: {
      ...(values['partner-webhook'] !== undefined && { webhookUrl: values['partner-webhook'] }),
      ...(values['redirect-uri'] !== undefined && { redirectUri: values['redirect-uri'] }),
    },
    ...(!values.quiet && { onRequest: printRequest, onDelivery: printDelivery }),
    onError: (error) => console.error('The sandbox itself failed:', error),
  });
  const { url, close } = await sandbox.listen({ port });
  greet(sandbox, url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void close().then(() => process.exit(0));
    });
  }
}

class UsageError extends Error {}

function greet(sandbox: Sandbox, url: string): void {
  const { userId, clientId, clientSecret } = sandbox.merchant.credentials;
  print(`Talo sandbox on ${url}`);
  print(`  merchant   ${userId}, client id "${clientId}", secret "${clientSecret}"`);
  print(`  partner    ${sandbox.partner.id}, secret "${sandbox.partner.secret}"`);
  print(`  OpenAPI    ${url}/openapi.json`);
  print('Stop it with Ctrl+C; nothing is kept.');
}

function printRequest({ at, method, path, status }: JournalEntry): void {
  print(`${time(at)}  ${method} ${path}  ${status ?? 'connection lost'}`);
}

/** Origin and path only: the query may hold a secret. */
function printDelivery({ at, url, outcome, status, attempt, reason }: Delivery): void {
  const target = URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : '(no URL)';
  const answer = [status, outcome, reason && `(${reason})`].filter(Boolean).join(' ');
  print(`${time(at)}  webhook ${attempt > 0 ? `#${attempt} ` : ''}to ${target}  ${answer}`);
}

function time(at: Date): string {
  return at.toISOString().slice(11, 19);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`talo-sandbox: ${message}\n`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const usage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
  if (usage) process.stderr.write('Try talo-sandbox --help.\n');
  process.exitCode = usage ? 2 : 1;
});
