/** A refusal, with the HTTP status and the code that its envelope carries (talo-api 3, "Common facts"). */
export class Problem extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 500;
  readonly code: string;
  readonly errors: readonly { path: string; message: string }[] | undefined;

  constructor(
    status: Problem['status'],
    code: string,
    message: string,
    errors?: readonly { path: string; message: string }[],
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not_found', `${what} not found`);
}

export function forbidden(message: string): Problem {
  return new Problem(403, 'forbidden', message);
}

export function invalid(message: string): Problem {
  return new Problem(422, 'validation_error', message);
}
