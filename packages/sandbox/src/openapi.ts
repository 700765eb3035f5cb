import { z } from 'zod';
import { type Operation, operations } from './http/operations.ts';
import * as requests from './schemas/requests.ts';
import * as responses from './schemas/responses.ts';

/** An OpenAPI 3.1 document, as plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: object;
  };
  readonly tags: readonly object[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const TAGS: Readonly<Record<Operation['tag'], string>> = {
  Auth: 'Tokens of merchants and partners.',
  Payments: 'One-off payments, each with a CVU of its own that expires.',
  Customers: 'Customers with a permanent CVU.',
  Transactions: "The account's ledger.",
  Accounts: 'Status and configuration of an account.',
  Sandbox: 'What only exists outside production.',
};

const ERRORS: Readonly<Record<string, string>> = {
  400: 'A parameter is missing or of the wrong type.',
  401: 'The token or the credentials are missing, wrong or expired.',
  403: 'Not allowed on this resource.',
  404: 'Does not exist, or belongs to another account.',
  409: 'Collides with something that exists.',
  422: 'A value breaks a rule.',
  500: 'Failed at Talo, for some client mistakes too.',
  default: 'Any other failure.',
};

/**
 * The Talo API as the sandbox speaks it, built from the schemas that check every request.
 * @param options.serverUrl the sandbox's own address, listed before Talo's
 */
export function openapiDocument(options: { readonly serverUrl?: string } = {}): OpenApiDocument {
  const own =
    options.serverUrl === undefined ? [] : [{ url: options.serverUrl, description: 'This sandbox' }];
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const [id, operation] of Object.entries<Operation>(operations)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(id, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Talo API',
      version: '1.0.0',
      summary: 'Collecting bank transfers in Argentina.',
      description: 'As publicly known, and as @talo/sandbox emulates it. Not published by Talo.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      ...own,
      { url: 'https://sandbox-api.talo.com.ar', description: "Talo's sandbox" },
      { url: 'https://api.talo.com.ar', description: 'Production' },
    ],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...components(requests, 'input'), ...components(responses, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '`TL-` or `PAR-` and a JWT.' },
      },
    },
  };
}

function describe(id: string, operation: Operation): JsonObject {
  const security = { none: [], open: [{}, { token: [] }], bearer: [{ token: [] }] }[operation.auth];
  const failures = Object.entries(ERRORS).map(([status, description]) => [
    status,
    { description, ...json({ $ref: '#/components/schemas/ErrorEnvelope' }) },
  ]);
  const parameters = [...pathParameters(operation.path), ...queryParameters(operation.query)];
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    security,
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && {
      requestBody: { required: true, ...json({ $ref: `#/components/schemas/${operation.body}` }) },
    }),
    responses: {
      200: { description: operation.summary, ...json(envelope(operation)) },
      ...Object.fromEntries(failures),
    },
  };
}

function json(schema: object): object {
  return { content: { 'application/json': { schema } } };
}

function envelope({ envelope: kind, data }: Operation): object {
  const words = kind === 'status' || kind === 'status-coded' ? 'status' : 'message';
  const coded = kind === 'coded' || kind === 'status-coded';
  return {
    type: 'object',
    properties: {
      [words]: { const: 'ok' },
      error: { const: false },
      ...(coded && { code: { const: 200 } }),
      ...(data && { data: { $ref: `#/components/schemas/${data}` } }),
    },
    required: [words, 'error', ...(coded ? ['code'] : []), ...(data ? ['data'] : [])],
    additionalProperties: false,
  };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(schema: z.ZodObject | undefined): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'output' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }));
}

/** Each exported schema as a component of its name. */
function components(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Record<string, JsonObject> {
  const named = Object.entries(schemas).map(([name, schema]): [string, JsonObject] => {
    const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
    return [name, rest];
  });
  return Object.fromEntries(named);
}
