/** What went wrong, in words, of anything that can be thrown. */
export function describe(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`.slice(0, 500);
  return typeof error === 'string'
    ? error.slice(0, 500)
    : `something thrown that is no Error (${typeof error})`;
}
