import { Hono } from 'hono';
import { z } from 'zod';
import { openapiDocument } from '../openapi.ts';
import { Problem } from '../problem.ts';
import * as requests from '../schemas/requests.ts';
import { paymentIdOf } from '../state/payments.ts';
import type { ResourceRef } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { asProblem, failure, success } from './envelope.ts';
import { answerJson, type Visit } from './front.ts';
import { type Call, type Caller, handlers, stumbles } from './handlers.ts';
import { type Operation, type OperationId, operations } from './operations.ts';
import { readToken } from './tokens.ts';
import { welcome } from './welcome.ts';

const bodies: Readonly<Record<keyof typeof requests, z.ZodType>> = requests;

/** Each request comes with what the front knows of it. */
export type App = Hono<{ Bindings: Visit }>;

/** The HTTP side of the sandbox, over whatever world is current. */
export function createRouter(current: () => World, onError: (error: unknown) => void): App {
  const app: App = new Hono<{ Bindings: Visit }>();

  app.onError((error, c) => {
    const problem = asProblem(error);
    if (!(error instanceof Problem)) onError(error);
    const hidden = current().oddities.authFailureWith200 && problem.code === 'auth_error';
    return answerJson(c.env, failure(problem), hidden ? 200 : problem.status);
  });
  app.notFound((c) => {
    const path = new URL(c.req.url).pathname;
    const slash = path === '/payments' || path === '/customers' || path === '/transactions';
    const advice = slash ? `; collections end with a slash: ${path}/` : '';
    const problem = new Problem(404, 'not_found', `no such route: ${c.req.method} ${path}${advice}`);
    return answerJson(c.env, failure(problem), 404);
  });

  app.get('/', (c) => c.text(welcome(new URL(c.req.url).origin)));
  app.get('/openapi.json', (c) => c.json(openapiDocument({ serverUrl: new URL(c.req.url).origin })));
  for (const id of Object.keys(operations) as OperationId[]) serve(app, current, id);
  return app;
}

function serve(app: App, current: () => World, id: OperationId): void {
  const operation: Operation = operations[id];
  const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
  const bare = path.endsWith('/') ? path.slice(0, -1) : undefined;
  // each handler is typed against its own operation; here they are all alike
  const handle = handlers[id] as (call: Call<never>) => unknown;

  app.on(operation.method.toUpperCase(), bare === undefined ? [path] : [path, bare], async (c) => {
    const world = current();
    if (world.oddities.collectionsNeedSlash && c.req.path === bare) return c.notFound();
    const { headers } = c.req.raw;
    const caller = authenticate(world, operation, headers);
    const raw = operation.body === undefined ? undefined : parseJson(await c.env.text());
    stumbles[id]?.(world, headers, raw);
    const body = operation.body === undefined ? undefined : check(bodies[operation.body], raw);
    const query = operation.query === undefined ? undefined : check(operation.query, c.req.query());
    const params = c.req.param();
    c.env.about = aboutCall(world, caller, params, body);
    const call = { world, caller, params, body, query, stale: c.env.stale } as Call<never>;
    return answerJson(c.env, success(operation.envelope, handle(call)), 200);
  });
}

/** Which resource a call is about, for its timeline. */
function aboutCall(
  world: World,
  caller: Caller | undefined,
  params: Readonly<Record<string, string>>,
  body: unknown,
): ResourceRef | undefined {
  const { payment_id, customer_id, cvu, user_id } = params;
  const userId = caller?.merchant.userId;
  if (userId !== undefined) {
    if (payment_id !== undefined) return { kind: 'payment', userId, id: payment_id };
    if (customer_id !== undefined) return { kind: 'customer', userId, id: customer_id };
  }
  const destination = cvu === undefined ? undefined : world.state.destinations.get(cvu);
  if (destination !== undefined) {
    return { kind: destination.kind, userId: destination.userId, id: destination.id };
  }
  const wanted = Created.safeParse(body).data;
  if (wanted?.external_id !== undefined) {
    return { kind: 'payment', userId: wanted.user_id, id: paymentIdOf(wanted.user_id, wanted.external_id) };
  }
  if (wanted?.customer_id !== undefined) {
    return { kind: 'customer', userId: wanted.user_id, id: wanted.customer_id };
  }
  return user_id !== undefined && world.state.merchants.has(user_id)
    ? { kind: 'merchant', userId: user_id }
    : undefined;
}

/** What the calls that create something say about it. */
const Created = z.object({
  user_id: z.string(),
  external_id: z.string().optional(),
  customer_id: z.string().optional(),
});

function authenticate(world: World, operation: Operation, headers: Headers): Caller | undefined {
  const authorization = headers.get('authorization') ?? undefined;
  if (operation.auth === 'none' || (operation.auth === 'open' && authorization === undefined))
    return undefined;
  return readToken(world, authorization);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'bad_request', text === '' ? 'body is missing' : 'body is not valid JSON');
  }
}

/** 400 for what is missing or of another type, 422 for a value out of its rules (talo-api 3, from 2022). */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const shape = result.error.issues.some(({ code }) => code === 'invalid_type');
  const summary = errors
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  throw new Problem(shape ? 400 : 422, shape ? 'bad_request' : 'validation_error', summary, errors);
}
