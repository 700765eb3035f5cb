import type { TaloClient } from '@talo/core';

declare global {
  namespace Express {
    interface Request {
      /** Put there by `taloMiddleware`. */
      readonly talo: TaloClient;
    }
  }
}
