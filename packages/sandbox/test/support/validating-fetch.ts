import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openapiDocument } from '../../src/index.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Pages for people and the document itself: no part of the API that the document describes. */
const UNDESCRIBED = /^\/(authorize\/|openapi\.json$|$)/;

let compiled: ReturnType<typeof compile> | undefined; // a third of a second, so once per test file

/**
 * A `fetch` that holds both sides to the OpenAPI document: every answer of the sandbox must have the described shape,
 * and so must every request that it accepts. Throws with the difference otherwise. Faults that break answers on
 * purpose are let through.
 */
export function validatingFetch(fetch: Fetch): Fetch {
  compiled ??= compile();
  const checks = compiled;
  return async (input, init) => {
    const request = new Request(input, init);
    const sent = request.clone();
    const response = await fetch(request);
    const { pathname } = new URL(sent.url);
    const isJson = response.headers.get('content-type')?.includes('application/json');
    if (UNDESCRIBED.test(pathname) || !isJson) return response;
    const where = `${sent.method} ${pathname} ${response.status}`;
    const answer: unknown = await response.clone().json();
    const failed = response.status !== 200 || isError(answer);
    const operation = checks.find(({ method, path }) => method === sent.method && path.test(pathname));
    if (failed) {
      expectValid(checks.failure, answer, `the answer of ${where}`);
      return response;
    }
    if (operation === undefined) throw new Error(`${where} is not in the OpenAPI document`);
    expectValid(operation.answer, answer, `the answer of ${where}`);
    const text = await sent.text();
    if (operation.body) expectValid(operation.body, JSON.parse(text), `the request of ${where}`);
    else if (text !== '') throw new Error(`${where} has a body that the OpenAPI document does not describe`);
    return response;
  };
}

interface Check {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: ValidateFunction;
  readonly body: ValidateFunction | undefined;
}

function compile(): Check[] & { failure: ValidateFunction } {
  const document = openapiDocument();
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { 'date-time': isTimestamp, uri: isUrl, email: /@/ },
  });
  ajv.addSchema(document, 'talo');
  const at = (pointer: string[]): ValidateFunction => {
    const escaped = pointer.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return ajv.compile({ $ref: `talo#/${escaped.join('/')}` });
  };
  const json = ['content', 'application/json', 'schema'];
  const checks = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Check => {
      const here = ['paths', path, method];
      return {
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
        answer: at([...here, 'responses', '200', ...json]),
        body: 'requestBody' in operation ? at([...here, 'requestBody', ...json]) : undefined,
      };
    }),
  );
  return Object.assign(checks, { failure: at(['components', 'schemas', 'ErrorEnvelope']) });
}

function expectValid(validate: ValidateFunction, value: unknown, subject: string): void {
  if (validate(value)) return;
  const differences = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `  ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(
    `${subject} differs from the OpenAPI document:\n${differences.join('\n')}\n${JSON.stringify(value)}`,
  );
}

function isError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'error') === true;
}

function isTimestamp(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value));
}

function isUrl(value: string): boolean {
  return URL.canParse(value);
}
