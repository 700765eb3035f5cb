import type { Reason } from './receive/outcome.ts';

/** What a start depends on. */
export interface Engine {
  readonly durable: boolean;
  /** Whether unsigned notifications are taken, all of them. */
  readonly unsigned: boolean;
  /** Whether the client signs what it creates. */
  readonly signs: boolean;
  readonly reconciles: boolean;
  /** Whether it is known whose ledger to read. */
  readonly accounts: boolean;
  readonly handlers: boolean;
}

/** What an operator should know when the engine starts: what is risked, and the call that ends it. */
export function startNotices(engine: Engine): readonly string[] {
  const notices: string[] = [];
  if (!engine.durable) {
    notices.push(
      "the memory inbox loses everything with the process. In production keep it, with @talo/inbox-sqlite: new TaloWebhooks({ inbox: sqliteInbox({ path: 'talo.db' }), … }).",
    );
  }
  if (engine.unsigned) {
    const corrected = engine.signs
      ? "leave unsigned: 'accept' out, or name the customers whose address is older than the secret: unsigned: (hint) => old.has(hint.customerId)"
      : 'sign them: new TaloClient({ webhooks: { url, secret }, … })';
    notices.push(`notifications are accepted unsigned, from anybody; ${corrected}.`);
  }
  if (!engine.reconciles) {
    notices.push(
      'reconcile is off, so money whose notification is lost stays unnoticed; leave reconcile: false out, or make passes of your own: await webhooks.reconcile().',
    );
  } else if (!engine.accounts) {
    notices.push(
      "with clientFor nobody's ledger at Talo is read and what a merchant creates before its first notification is not tracked, so money whose notification is lost stays unnoticed; name the accounts: new TaloWebhooks({ reconcile: { accounts: () => merchants.keys() }, … }).",
    );
  }
  if (!engine.handlers) {
    notices.push(
      "no handler is registered, so money is kept as dead. Register before start(): webhooks.on('payment.paid', handler).",
    );
  }
  return notices;
}

/** Of an engine that takes notifications and was neither started nor drained; said once. */
export const UNTENDED =
  'notifications are stored, but nothing in this process works them off: await webhooks.start(), or await webhooks.drain() now and then.';

/** Of an account that `clientFor` finds a client for, without a secret; said once. */
export function unsignableNotice(accountId: string): string {
  return `the client of account ${accountId} has no webhook secret, so its notifications are refused as unsigned. Sign them: new TaloClient({ webhooks: { url, secret }, … }), or talo.forAccount(…) of a client that has one.`;
}

/** Of an engine that is notified, by a partner's address say, of an account that its client is not of; said once. */
export const MISDIRECTED =
  'a notification of another account than the client is of was refused. For several merchants: new TaloWebhooks({ clientFor: (accountId) => merchants.get(accountId), … }).';

/** What whoever put the server together has to change; said once. */
export const MISMOUNTED: Readonly<Partial<Record<Reason, string>>> = {
  'body-consumed':
    'something read the body of a notification before us and left nothing of it. Mount the webhook route before it, or have it keep the bytes as request.rawBody.',
  'raw-body-missing':
    'the verifier needs the bytes of a notification, but a parser made an object of them. Mount the webhook route before the parser, or keep the bytes as request.rawBody: express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }), in Nest NestFactory.create(AppModule, { rawBody: true }).',
};

/** Of an engine that finds money by itself alone; said once. */
export function unreachedNotice(told: string): string {
  return `money comes in, and no notification of it has reached this engine: is its route mounted at ${pathOf(told)}, and can Talo reach it from outside? Until then transfers are found by looks and passes, later.`;
}

/** @returns what to say if notifications come by another path than Talo is told, else `undefined` */
export function mountNotice(told: string | undefined, mounted: string): string | undefined {
  const [expected, got] = [pathOf(told ?? mounted), pathOf(mounted)];
  if (expected === got) return undefined;
  return `Talo is told to notify ${expected}, but this route is ${got}. Mount it there, or set webhooks: { url } on the client; if a proxy rewrites the path, all is well.`;
}

/** Of a whole URL or a path with its query; by hand, because what came over the network may be no URL. */
function pathOf(url: string): string {
  const [, path = ''] = /^(?:[a-z]+:\/\/[^/?#]*)?([^?#]{0,200})/i.exec(url) ?? [];
  return path.replace(/\/+$/, '') || '/';
}
