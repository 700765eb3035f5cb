#!/usr/bin/env node
import { HELP, UnreachableError, UsageError } from './cli/usage.ts';
import { VERSION } from './version.ts';

async function main(given: readonly string[]): Promise<void> {
  const args = commandFirst(given);
  const [first, ...rest] = args;
  if (first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(HELP);
    return;
  }
  if (first === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  // options without a command are those of start
  const starts = first === undefined || first.startsWith('-') || first === 'start';
  if (starts) {
    // a command that only asks a running sandbox need not load one
    const { start } = await import('./cli/start.ts');
    return await start(first === 'start' ? rest : [...args]);
  }
  const { commands } = await import('./cli/commands.ts');
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command === undefined) throw new UsageError(`there is no command ${first}`);
  await command(rest);
}

/** `talo-sandbox --json status`: what every command takes may stand before it, too. */
function commandFirst(args: readonly string[]): readonly string[] {
  let at = 0;
  for (;;) {
    const arg = args[at];
    if (arg === '--json' || arg?.startsWith('--url=')) at += 1;
    else if (arg === '--url') at += 2;
    else if (arg === undefined || arg.startsWith('-')) return args;
    else return [arg, ...args.slice(0, at), ...args.slice(at + 1)];
  }
}

// `talo-sandbox tail | head` has seen enough
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
  process.exit();
});

main(process.argv.slice(2)).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`talo-sandbox: ${message}\n`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const usage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
  if (usage) process.stderr.write('Try talo-sandbox --help.\n');
  process.exitCode = usage ? 2 : error instanceof UnreachableError ? 3 : 1;
});
