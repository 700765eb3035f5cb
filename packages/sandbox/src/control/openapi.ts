import { z } from 'zod';
import type { RouteName, Routes } from './routes.ts';

/** The control API as an OpenAPI 3.1 document, from the schemas that check every request. */
export function controlDocument(routes: Routes): object {
  const paths: Record<string, Record<string, object>> = {
    '/_sandbox/events': {
      get: {
        operationId: 'get_events',
        summary: 'Everything that happens, as server-sent events',
        parameters: [{ name: 'after', in: 'query', required: false, schema: { type: 'integer' } }],
        responses: {
          200: { description: 'A stream', content: { 'text/event-stream': {} } },
          '4XX': REFUSED,
        },
      },
    },
  };
  for (const name of Object.keys(routes) as RouteName[]) {
    const [method = '', path = ''] = name.split(' ');
    const key = `/_sandbox${path.replace(/:(\w+)/g, '{$1}')}`;
    paths[key] = { ...paths[key], [method.toLowerCase()]: describe(name, routes) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control API of the Talo sandbox',
      version: '1.0.0',
      description: 'Looks at a running @talo/sandbox and makes things happen in it. Not a part of Talo.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This sandbox' }],
    security: [],
    paths,
    components: { schemas: { Failure: FAILURE } },
  };
}

const REFUSED = {
  description: 'Refused',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
};

const FAILURE = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        issues: {
          type: 'array',
          items: {
            type: 'object',
            properties: { path: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
};

function describe(name: RouteName, routes: Routes): object {
  const { summary, body, query } = routes[name];
  const parameters = [
    ...[...name.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
      name: parameter,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...(query === undefined ? [] : queryParameters(query)),
  ];
  return {
    operationId: name
      .replace(/[^A-Za-z]+/g, '_')
      .replace(/_$/, '')
      .toLowerCase(),
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: {
      200: { description: summary, content: { 'application/json': { schema: { type: 'object' } } } },
      '4XX': REFUSED,
    },
  };
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return rest;
}

function queryParameters(schema: z.ZodType): object[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return Object.entries(properties).map(([parameter, property]) => ({
    name: parameter,
    in: 'query',
    required: false,
    schema: property,
  }));
}
