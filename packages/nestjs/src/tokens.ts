// From the registry of symbols that all copies of this package in a process share, so that a token is the same in ESM
// and in CommonJS.
const token = (what: string, name: string | undefined): symbol =>
  Symbol.for(name === undefined ? `@talo/nestjs/${what}` : `@talo/nestjs/${what}/${name}`);

/** What `@InjectTalo(name?)` injects, for `moduleRef.get` and tests. @param name as given to the module */
export function getTaloToken(name?: string): symbol {
  return token('client', name);
}

/** What `@InjectTaloWebhooks(name?)` injects, for `moduleRef.get` and tests. @param name as given to the module */
export function getTaloWebhooksToken(name?: string): symbol {
  return token('webhooks', name);
}

/**
 * The options that a module works with: override them in tests,
 * `overrideProvider(getTaloOptionsToken()).useValue({ client, inbox })`.
 */
export function getTaloOptionsToken(name?: string): symbol {
  return token('options', name);
}
