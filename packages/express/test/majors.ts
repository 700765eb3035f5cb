import type { RequestListener } from 'node:http';
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express';
import express4 from 'express-4';
import type { Middleware } from '../src/index.ts';

/** What the tests use of an application: the types of the two majors are not the same. */
interface App extends RequestListener {
  use(handler: RequestHandler): unknown;
  use(handler: ErrorRequestHandler): unknown;
  use(path: string, handler: Middleware | App): unknown;
  get(path: string, handler: RequestHandler): unknown;
}

interface Express {
  (): App;
  json(): RequestHandler;
}

export const majors: readonly (readonly [string, Express])[] = [
  ['Express 4', express4],
  ['Express 5', express5],
];
