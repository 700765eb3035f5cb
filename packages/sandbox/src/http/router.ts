import { Hono } from 'hono';
import type { z } from 'zod';
import type { Oddities } from '../oddities.ts';
import { openapiDocument } from '../openapi.ts';
import { Problem } from '../problem.ts';
import * as requests from '../schemas/requests.ts';
import type { World } from '../state/world.ts';
import { asProblem, failure, success } from './envelope.ts';
import { type Call, type Caller, handlers, stumbles } from './handlers.ts';
import { type Operation, type OperationId, operations } from './operations.ts';
import { addPages } from './pages.ts';
import { readText } from './read-text.ts';
import { readToken } from './tokens.ts';
import { welcome } from './welcome.ts';

const bodies: Readonly<Record<keyof typeof requests, z.ZodType>> = requests;

/** The HTTP side of the sandbox, over whatever world is current. */
export function createRouter(
  current: () => World,
  oddities: Oddities,
  onError: (error: unknown) => void,
): Hono {
  const app = new Hono();

  app.onError((error, c) => {
    const problem = asProblem(error);
    if (!(error instanceof Problem)) onError(error);
    const hidden = oddities.authFailureWith200 && problem.code === 'auth_error';
    return c.json(failure(problem), hidden ? 200 : problem.status);
  });
  app.notFound((c) => {
    const path = new URL(c.req.url).pathname;
    const slash = path === '/payments' || path === '/customers' || path === '/transactions';
    const advice = slash ? `; collections end with a slash: ${path}/` : '';
    return c.json(
      failure(new Problem(404, 'not_found', `no such route: ${c.req.method} ${path}${advice}`)),
      404,
    );
  });

  addPages(app, current);
  app.get('/', (c) => c.text(welcome(new URL(c.req.url).origin)));
  app.get('/openapi.json', (c) => c.json(openapiDocument({ serverUrl: new URL(c.req.url).origin })));
  for (const id of Object.keys(operations) as OperationId[]) serve(app, current, id, oddities);
  return app;
}

function serve(app: Hono, current: () => World, id: OperationId, oddities: Oddities): void {
  const operation: Operation = operations[id];
  const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
  const paths = path.endsWith('/') && !oddities.collectionsNeedSlash ? [path, path.slice(0, -1)] : [path];
  // each handler is typed against its own operation; here they are all alike
  const handle = handlers[id] as (call: Call<never>) => unknown;

  app.on(operation.method.toUpperCase(), paths, async (c) => {
    const world = current();
    const { headers } = c.req.raw;
    const caller = authenticate(world, operation, headers);
    const raw = operation.body === undefined ? undefined : parseJson(await readText(c.req.raw));
    stumbles[id]?.(world, headers, raw);
    const body = operation.body === undefined ? undefined : check(bodies[operation.body], raw);
    const query = operation.query === undefined ? undefined : check(operation.query, c.req.query());
    const call = { world, caller, params: c.req.param(), body, query } as Call<never>;
    return c.json(success(operation.envelope, handle(call)), 200);
  });
}

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
