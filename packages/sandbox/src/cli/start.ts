import { parseArgs } from 'node:util';
import type { JournalEntry } from '../http/front.ts';
import { createSandbox, type Sandbox } from '../sandbox.ts';
import { StorageError } from '../storage/storage.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import { type RetryPreset, retryPresets } from '../webhooks/presets.ts';
import { isLoopback } from '../webhooks/targets.ts';
import { print, printDelivery, printRequest } from './print.ts';
import { UsageError } from './usage.ts';

const PRESETS = Object.keys(retryPresets) as RetryPreset[];

const START_HELP = `talo-sandbox start: runs a sandbox until Ctrl+C.

  --port <number>           port; 0 for any free one (default 4600)
  --db <file>               keep everything in this SQLite file (Node 22.16 or newer); default: in memory
  --frozen                  time stands still until it is advanced
  --seed <text>             where ids come from (default: those of Talo's documentation)
  --retry <preset>          webhook retries: ${PRESETS.join(', ')} (default backoff)
  --allow-remote            let webhooks leave this machine
  --partner-webhook <url>   where activated accounts are announced
  --redirect-uri <url>      where merchants return to after consenting
  --host <address>          listen elsewhere than on 127.0.0.1: whoever can reach it can see and do everything
  --public-url <url>        where others reach it, as payment_url says (default $TALO_SANDBOX_PUBLIC_URL, or where it listens)
  --allow-host <name>       answer to this name too; may be repeated
  --quiet                   do not print requests and webhooks
  --json                    print them as JSON, a line each
  --help

Examples:
  talo-sandbox
  talo-sandbox --port 4700 --retry quick
  talo-sandbox --db talo.db
  talo-sandbox --partner-webhook http://localhost:3000/webhooks/talo

Then, in another terminal:
  curl -X POST http://127.0.0.1:4600/users/f61876b0-10a5-4e39-8e2c-17343b3fa1b6/tokens \\
    -H 'Content-Type: application/json' -d '{"client_id":"sandbox","client_secret":"sandbox"}'
`;

export async function start(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '4600' },
      host: { type: 'string' },
      'public-url': { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      seed: { type: 'string' },
      db: { type: 'string' },
      frozen: { type: 'boolean', default: false },
      retry: { type: 'string' },
      'allow-remote': { type: 'boolean', default: false },
      'partner-webhook': { type: 'string' },
      'redirect-uri': { type: 'string' },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(START_HELP);
    return;
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not ${values.port}`);
  }
  const retry = PRESETS.find((preset) => preset === values.retry);
  if (values.retry !== undefined && retry === undefined)
    throw new UsageError(`--retry must be one of ${PRESETS.join(', ')}`);
  const publicUrl = values['public-url'] ?? process.env['TALO_SANDBOX_PUBLIC_URL'];
  const urls = {
    'partner-webhook': values['partner-webhook'],
    'redirect-uri': values['redirect-uri'],
    'public-url': publicUrl,
  };
  for (const [name, url] of Object.entries(urls)) {
    if (url !== undefined && !/^https?:\/\//.test(url)) {
      throw new UsageError(`--${name} must be a URL with http or https, not ${url}`);
    }
  }
  const { json } = values;
  const sandbox = createSandbox({
    ...(values.seed !== undefined && { seed: values.seed }),
    ...(values.db !== undefined && { storage: values.db }),
    ...(values.frozen && { clock: 'virtual', startAt: new Date() }),
    delivery: { ...(retry !== undefined && { retry }), allowRemote: values['allow-remote'] },
    partner: {
      ...(values['partner-webhook'] !== undefined && { webhookUrl: values['partner-webhook'] }),
      ...(values['redirect-uri'] !== undefined && { redirectUri: values['redirect-uri'] }),
    },
    ...(!values.quiet && {
      onRequest: (entry: JournalEntry) => printRequest(entry, json),
      onDelivery: (delivery: Delivery) => printDelivery(delivery, json),
    }),
    onError: complain,
  });
  const { url } = await sandbox.listen({
    port,
    ...(values.host !== undefined && { host: values.host }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(values['allow-host'] && { allowedHosts: values['allow-host'] }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sandbox.close().then(() => process.exit(0));
    });
  }
  if (json) print(JSON.stringify({ type: 'started', url, pid: process.pid }));
  else greet(sandbox, url, values.db);
  if (!isLoopback(new URL(url).hostname) || ['0.0.0.0', '::'].includes(values.host ?? '')) {
    console.error(
      'talo-sandbox: it listens beyond this machine: whoever can reach it can see and do everything here.',
    );
  }
}

function complain(error: unknown): void {
  if (error instanceof StorageError) console.error(`talo-sandbox: ${error.message}`);
  else console.error('The sandbox itself failed:', error);
}

function greet(sandbox: Sandbox, url: string, db: string | undefined): void {
  const { userId, clientId, clientSecret } = sandbox.merchant.credentials;
  print(`Talo sandbox on ${url}: it is not Talo, and no money moves.`);
  print(`  dashboard  ${url}/`);
  print(`  merchant   ${userId}, client id "${clientId}", secret "${clientSecret}"`);
  print(`  partner    ${sandbox.partner.id}, secret "${sandbox.partner.secret}"`);
  print(`  OpenAPI    ${url}/openapi.json`);
  print(
    db === undefined
      ? 'Stop it with Ctrl+C; nothing is kept.'
      : `Stop it with Ctrl+C; everything is in ${db}.`,
  );
}
