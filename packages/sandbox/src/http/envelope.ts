import { Problem } from '../problem.ts';
import type { Envelope } from './operations.ts';

/** A success, in the words of its endpoint. */
export function success(envelope: Envelope, data: unknown): object {
  const words = envelope === 'status' || envelope === 'status-coded' ? { status: 'ok' } : { message: 'ok' };
  const coded = envelope === 'coded' || envelope === 'status-coded';
  return { ...words, error: false, ...(coded && { code: 200 }), ...(data !== undefined && { data }) };
}

/** A refusal: `{ message, error: true, code }`, and which fields were wrong. */
export function failure(problem: Problem): object {
  const { message, code, errors } = problem;
  return { message, error: true, code, ...(errors && { errors }) };
}

/** What the caller may know of an exception of ours: nothing. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(500, 'internal_error', 'Internal server error');
}
