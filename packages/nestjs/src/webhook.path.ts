import 'reflect-metadata';
import { Controller, RequestMethod, type Type, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';

/** Where Nest keeps what `RouterModule` says of a module; it has no public reader. */
const MODULE_PATH = '__module_path__';

/**
 * Talo sends no version in a header, so the route takes requests without one. Where versions are part of the URL it is
 * there under the application's default one too, as a controller without `@Version` would be.
 */
export function applyVersions(controller: Type, path: string, config: ApplicationConfig): void {
  Controller({ path, version: [VERSION_NEUTRAL, ...versionsInUrl(config)] })(controller);
}

/**
 * The path that Nest gives to the route; `undefined` where versions in the URL give it several, and only the first
 * notification shows which of them Talo was told.
 */
export function mountPath(
  module: Type,
  path: string,
  modules: ModulesContainer,
  config: ApplicationConfig,
): string | undefined {
  if (versionsInUrl(config).length > 0) return undefined;
  const modulePath: string | undefined = Reflect.getMetadata(MODULE_PATH + modules.applicationId, module);
  const own = joined([modulePath, path]);
  const { exclude = [] } = config.getGlobalPrefixOptions();
  const excluded = exclude.some(
    ({ pathRegex, requestMethod }) =>
      (requestMethod === RequestMethod.ALL || requestMethod < 0) && pathRegex.test(own),
  );
  return excluded ? own : joined([config.getGlobalPrefix(), own]);
}

function versionsInUrl(config: ApplicationConfig): readonly string[] {
  const versioning = config.getVersioning();
  if (versioning?.type !== VersioningType.URI) return [];
  return [versioning.defaultVersion ?? []].flat().filter((version) => typeof version === 'string');
}

/** Slashes where they belong. */
export function joined(parts: readonly (string | undefined)[]): string {
  const segments = parts.flatMap((part) => (part ?? '').split('/')).filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}
