import type { ResourceRef, StreamEvent } from '../../../src/control/contract.ts';

/** Whether something happened to any resource of this kind. */
export function touches(kind: ResourceRef['kind']): (event: StreamEvent) => boolean {
  return (event) => event.type === 'activity' && event.resource?.kind === kind;
}

/** Whether something happened to this one. */
export function touchesOne(one: ResourceRef): (event: StreamEvent) => boolean {
  return (event) =>
    event.type === 'activity' &&
    event.resource?.kind === one.kind &&
    event.resource.userId === one.userId &&
    (event.resource.kind === 'merchant' || one.kind === 'merchant' || event.resource.id === one.id);
}

export function isType(...types: readonly StreamEvent['type'][]): (event: StreamEvent) => boolean {
  return (event) => types.includes(event.type);
}

export function changes(
  ...what: readonly Extract<StreamEvent, { type: 'changed' }>['what'][]
): (event: StreamEvent) => boolean {
  return (event) => event.type === 'changed' && what.includes(event.what);
}

export function any(...tests: readonly ((event: StreamEvent) => boolean)[]): (event: StreamEvent) => boolean {
  return (event) => tests.some((test) => test(event));
}
