/** The command was not understood: exit code 2. */
export class UsageError extends Error {}

/** There is no sandbox where it was looked for: exit code 3. */
export class UnreachableError extends Error {}

export const DEFAULT_URL = 'http://127.0.0.1:4600';

export const HELP = `talo-sandbox: a local Talo. No money moves, and Talo did not make it.

Usage: talo-sandbox [command] [options]

Commands
  start                 run a sandbox (this is what happens without a command)
  status                what a running sandbox is, and how much is in it
  seed                  create customers and payments, or load an exported state
  transfer <to> [pesos] send money to a CVU or alias
  trigger [url]         send a notification that Talo never sent, to any URL
  replay <notice>       send a webhook again
  fault                 list, add or clear faults
  scenario [name]       list scenarios, or run one; "scenario stop <name>" stops it
  clock                 freeze, run or advance time
  tail                  print what happens, as it happens
  export [file]         write the whole state as JSON
  reset                 back to the beginning

Every command but start talks to a running sandbox:
  --url <url>           where it is (default $TALO_SANDBOX_URL or ${DEFAULT_URL})
  --json                print the answer as JSON
  --help, -h            more about a command: talo-sandbox transfer --help

talo-sandbox --version prints which one this is.

Examples
  talo-sandbox                                     # then open http://127.0.0.1:4600
  talo-sandbox start --db talo.db --port 4700
  talo-sandbox seed --customers 3 --webhook-url http://localhost:3000/webhooks/talo
  talo-sandbox transfer bami.cliente.1 1500.50
  talo-sandbox trigger http://localhost:3000/webhooks/talo --kind payment --id order-1
  talo-sandbox scenario friday-night --set transfers=50
  talo-sandbox tail

Exit codes: 0 done, 1 failed or refused, 2 not understood, 3 no sandbox there.
`;

const COMMON = `  --url <url>           where the sandbox is (default $TALO_SANDBOX_URL or ${DEFAULT_URL})
  --json                print the answer as JSON
`;

/** Of each command; `start` has its presets filled in by whoever prints it. */
export const COMMAND_HELP: Readonly<Record<string, string>> = {
  status: `talo-sandbox status: what a running sandbox is, and how much is in it.

${COMMON}
Examples
  talo-sandbox status
  talo-sandbox status --json --url http://127.0.0.1:4700
`,
  seed: `talo-sandbox seed: creates customers and payments, or loads an exported state.

  --customers <n>       so many customers, with alias cliente.1, cliente.2, …
  --payments <n>        so many payments of 1000 pesos
  --user <id>           of this account (default: the documented one)
  --webhook-url <url>   where their webhooks go (default http://localhost:3000/webhooks/talo)
  --file <path>         a state written by "talo-sandbox export"; takes the place of what is there
${COMMON}
Examples
  talo-sandbox seed --customers 10 --payments 5
  talo-sandbox seed --file state.json
`,
  transfer: `talo-sandbox transfer <cvu or alias> [pesos]: sends money, as a payer would.

Without an amount, what a payment still expects.
  --kind <kind>         exact, under, over, split, late (moves time past the expiry) or twice
  --parts <n>           of a split (default 2)
  --from <name>         the payer's name
  --cuit <cuit>         the payer's CUIT
${COMMON}
Examples
  talo-sandbox transfer bami.8881.talo
  talo-sandbox transfer bami.8881.talo --kind under
  talo-sandbox transfer 0000630500008064475741 172029.37 --from "Ana Díaz"
`,
  trigger: `talo-sandbox trigger [url]: sends a notification that Talo never sent.

Without a URL, to where the resource's own notifications go.
  --kind <kind>         payment, customer or account, in Talo's words
  --id <id>             of the payment or customer (an external id will do); it need not exist
  --user <id>           of the account
  --body <text>         anything instead
  --header <name:value> one more header; may be repeated
  --signature <what>    kept, wrong or none: what happens to the signature in the URL
  --times <n>           so often (default 1)
${COMMON}
Examples
  talo-sandbox trigger http://localhost:3000/webhooks/talo --kind payment --id order-1
  talo-sandbox trigger http://localhost:3000/webhooks/talo --body '{"nonsense":true}'
`,
  replay: `talo-sandbox replay <notice>: sends a webhook again. "talo-sandbox tail" and what start prints show their ids.

  --times <n>           so often (default 1)
  --to <url>            elsewhere
  --signature <what>    kept, wrong or none
${COMMON}
Examples
  talo-sandbox replay notice-3 --times 50
`,
  fault: `talo-sandbox fault [add <json> | remove <id> | clear]

Without more, the faults in force.
${COMMON}
Examples
  talo-sandbox fault add '{"status":503,"times":3}'
  talo-sandbox fault add '{"effect":"lose-response","match":{"method":"POST","route":"/payments/"}}'
  talo-sandbox fault add '{"side":"webhook","effect":"duplicate","match":{"probability":0.5}}'
  talo-sandbox fault clear
`,
  scenario: `talo-sandbox scenario [name | stop <name>]

Without a name, the scenarios there are. Webhooks go to where those of the newest payment or customer go.
  --set <name=value>    a parameter; may be repeated
${COMMON}
Examples
  talo-sandbox scenario
  talo-sandbox scenario black-out --set minutes=2
  talo-sandbox scenario friday-night --set webhookUrl=http://localhost:3000/webhooks/talo
  talo-sandbox scenario stop black-out
`,
  clock: `talo-sandbox clock [freeze | run | advance <span>]

A span is 30h, 5d, 90m, 10s or 500ms.
${COMMON}
Examples
  talo-sandbox clock advance 30h
`,
  tail: `talo-sandbox tail: prints requests, transfers and webhooks as they happen, until Ctrl+C. Times are UTC.

  --last <n>            begin with so many of what has happened (default 10)
${COMMON}
Examples
  talo-sandbox tail
  talo-sandbox tail --json | grep '"type":"transfer"'
`,
  export: `talo-sandbox export [file]: writes the whole state as JSON, to the file or to standard output.

${COMMON}
Examples
  talo-sandbox export state.json                   # and back: talo-sandbox seed --file state.json
`,
  reset: `talo-sandbox reset: back to the beginning. Money, history, faults and changed settings are gone.

${COMMON}
Examples
  talo-sandbox reset
`,
};
