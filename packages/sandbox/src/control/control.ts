import type { z } from 'zod';
import type { Engine } from '../engine.ts';
import { checkoutStream } from '../http/pages/checkout-stream.ts';
import { languageOf } from '../http/pages/words.ts';
import { readText } from '../http/read-text.ts';
import { createScenarios, type Scenarios } from '../scenarios/scenarios.ts';
import type { Failure } from './contract.ts';
import { eventStream } from './events.ts';
import { guard } from './guard.ts';
import { controlDocument } from './openapi.ts';
import { ControlProblem, toControlProblem } from './problem.ts';
import { createRoutes, type Route, type Routes } from './routes.ts';
import { queries } from './schemas.ts';
import { createSnapshots } from './snapshots.ts';

export const CONTROL_PATH = '/_sandbox';

/** An exported state may be large; nothing else is. */
const LARGEST_IMPORT = 256 * 1024 * 1024;

export interface Control {
  fetch(request: Request): Promise<Response>;
  readonly scenarios: Scenarios;
}

/** The control API: see contract.ts for what it takes and answers. */
export function createControl(engine: Engine): Control {
  const scenarios = createScenarios(engine);
  const routes = createRoutes({ engine, scenarios, snapshots: createSnapshots(engine) });
  const find = createMatcher(routes);

  async function answer(request: Request): Promise<Response> {
    guard(request, engine.allowedHosts);
    const url = new URL(request.url);
    const path = url.pathname.slice(CONTROL_PATH.length).replace(/\/$/, '');
    if (request.method === 'GET' && path === '/openapi.json') {
      return Response.json(controlDocument(routes));
    }
    if (request.method === 'GET' && path === '/events') {
      const last = request.headers.get('last-event-id') ?? undefined;
      const { after } = check(queries.Events, { after: last, ...Object.fromEntries(url.searchParams) });
      return eventStream(engine, after);
    }
    const checkout = /^\/checkout\/([^/]+)\/([^/]+)$/.exec(path);
    if (request.method === 'GET' && checkout !== null) {
      const [, userId = '', id = ''] = checkout.map(decode);
      return checkoutStream(engine, userId, id, languageOf(url.searchParams.get('language') ?? undefined));
    }
    const { route, params } = find(request.method, path);
    const body = route.body === undefined ? undefined : check(route.body, await readJson(request, path));
    const query =
      route.query === undefined ? undefined : check(route.query, Object.fromEntries(url.searchParams));
    const data = await route.handle({ param: (name) => params[name] ?? '', body, query });
    return Response.json(data, { headers: { 'cache-control': 'no-store' } });
  }

  return {
    scenarios,
    async fetch(request) {
      try {
        return await answer(request);
      } catch (error) {
        const known = toControlProblem(error);
        if (known === undefined) engine.options.onError(error);
        return refusal(known ?? new ControlProblem(500, 'internal', 'The sandbox itself failed.'));
      }
    },
  };
}

function refusal({ status, code, message, issues }: ControlProblem): Response {
  const failure: Failure = { error: { code, message, ...(issues && { issues }) } };
  return Response.json(failure, { status, headers: { 'cache-control': 'no-store' } });
}

type Found = { readonly route: Route<unknown>; readonly params: Readonly<Record<string, string>> };

function createMatcher(routes: Routes): (method: string, path: string) => Found {
  const table = Object.entries<Route<unknown>>(routes).map(([name, route]) => {
    const [method = '', path = ''] = name.split(' ');
    return { method, parts: path.split('/'), route };
  });
  // what is written out goes before what stands for anything: /notices/reorder before /notices/:id
  table.sort((one, other) => wildcards(one.parts) - wildcards(other.parts));

  return (method, path) => {
    const given = path.split('/').map(decode);
    const methods: string[] = [];
    for (const { method: wanted, parts, route } of table) {
      const params = match(parts, given);
      if (params === undefined) continue;
      if (wanted === method) return { route, params };
      methods.push(wanted);
    }
    if (methods.length > 0) {
      throw new ControlProblem(405, 'method_not_allowed', `Use ${methods.join(' or ')} here, not ${method}.`);
    }
    throw new ControlProblem(404, 'not_found', `There is no ${method} ${CONTROL_PATH}${path}.`);
  };
}

function wildcards(parts: readonly string[]): number {
  return parts.filter((part) => part.startsWith(':')).length;
}

function match(parts: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (parts.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ControlProblem(400, 'invalid', 'The path is not percent-encoded as it should be.');
  }
}

async function readJson(request: Request, path: string): Promise<unknown> {
  const text = await readText(request, path === '/import' ? LARGEST_IMPORT : undefined);
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ControlProblem(400, 'invalid', 'The body is not valid JSON.');
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as z.output<Schema>;
  const issues = error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const summary = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw new ControlProblem(422, 'invalid', summary.join('; '), issues);
}
