import type { Issue } from '../errors/errors.ts';

/** Standard Schema v1 (standardschema.dev), the part that a validator has to offer. Synchronous here. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<T>;
    /** Never set: there for type inference only. */
    readonly types?: { readonly input: T; readonly output: T } | undefined;
  };
}

/** The value itself, or why it was refused. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly FoundIssue[] };

/** An {@link Issue} with the way to it as keys and indexes; an empty `path` is the value itself. */
export interface FoundIssue extends Omit<Issue, 'path'> {
  readonly path: readonly (string | number)[];
}
