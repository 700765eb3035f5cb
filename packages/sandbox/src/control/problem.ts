import { TaloConfigError, TaloConstraintError } from '@talo/core';
import { Problem } from '../problem.ts';
import { StorageError } from '../storage/storage.ts';
import type { Failure } from './contract.ts';

/** A refusal of the control API. */
export class ControlProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly issues: Failure['error']['issues'];

  constructor(status: number, code: string, message: string, issues?: Failure['error']['issues']) {
    super(message);
    this.name = 'ControlProblem';
    this.status = status;
    this.code = code;
    this.issues = issues;
  }
}

export function notFound(what: string): ControlProblem {
  return new ControlProblem(404, 'not_found', `There is no ${what}.`);
}

export function invalid(message: string): ControlProblem {
  return new ControlProblem(422, 'invalid', message);
}

/** What a caller of the control API is told of an error; `undefined` for one of our own that it cannot help. */
export function toControlProblem(error: unknown): ControlProblem | undefined {
  if (error instanceof ControlProblem) return error;
  if (error instanceof Problem) {
    const codes: Readonly<Record<number, string>> = { 404: 'not_found', 409: 'conflict' };
    return new ControlProblem(error.status, codes[error.status] ?? 'invalid', error.message, error.errors);
  }
  if (TaloConfigError.is(error) || TaloConstraintError.is(error) || error instanceof RangeError) {
    return invalid(error.message);
  }
  if (error instanceof StorageError) return new ControlProblem(500, 'storage', error.message);
  return undefined;
}
