import { defineConfig } from 'vitest/config';

export default defineConfig({
  // metadata for dependency injection by type, which Node's own type stripping does not write
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
});
