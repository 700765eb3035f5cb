/**
 * `instanceof` that survives two copies of this package (ESM beside CommonJS, or two versions in one process):
 * brands live in the global symbol registry.
 */
const key = (name: string): symbol => Symbol.for(`@talo/core/${name}`);

export function hasBrand(value: unknown, asked: unknown, declared: unknown, name: string): boolean {
  // a user's own subclass inherits the static method: it wants the ordinary check
  if (asked !== declared) return Function.prototype[Symbol.hasInstance].call(asked, value);
  return typeof value === 'object' && value !== null && Reflect.get(value, key(name)) === true;
}

export function setBrand(target: object, name: string): void {
  Object.defineProperty(target, key(name), { value: true });
}
