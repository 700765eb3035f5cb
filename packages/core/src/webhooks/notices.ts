import type { Reason } from './receive/outcome.ts';

/** What an operator should know when the engine starts. */
export function startNotices(engine: {
  readonly durable: boolean;
  readonly unsigned: boolean;
  readonly reconciles: boolean;
}): readonly string[] {
  const { durable, unsigned, reconciles } = engine;
  const notices: string[] = [];
  if (!durable)
    notices.push('the memory inbox loses everything with the process; use @talo/inbox-sqlite to keep it.');
  if (unsigned)
    notices.push(
      'notifications are accepted unsigned. Set webhooks: { url, secret } on the client to sign them.',
    );
  if (!reconciles) notices.push('reconcile is off, so money whose notification is lost stays unnoticed.');
  return notices;
}

/** What whoever put the server together has to change; said once. */
export const MISMOUNTED: Readonly<Partial<Record<Reason, string>>> = {
  'body-consumed':
    'something read the body of a notification before us and left nothing of it. Mount the webhook route before it, or have it keep the bytes as request.rawBody.',
  'raw-body-missing':
    'the verifier needs the bytes of a notification, but a parser made an object of them. Mount the webhook route before the parser, or keep the bytes as request.rawBody: express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }), in Nest NestFactory.create(AppModule, { rawBody: true }).',
};

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
