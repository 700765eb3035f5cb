import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What `app.use` takes, in both majors of Express. Said in Node's types, which Express extends, so that neither
 * `@types/express` 4 nor 5 has to be installed.
 */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
