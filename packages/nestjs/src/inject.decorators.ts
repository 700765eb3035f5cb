import { Inject } from '@nestjs/common';
import { getTaloToken, getTaloWebhooksToken } from './tokens.ts';

/**
 * The module's `TaloClient`.
 * @param name of the module, if it was given one
 * @example constructor(@InjectTalo() private readonly talo: TaloClient) {}
 */
export function InjectTalo(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getTaloToken(name));
}

/**
 * The module's `TaloWebhooks`: `ledger`, `stats()`, `dead()`, `replay(id)`, `track(…)`.
 * @param name of the module, if it was given one
 * @example constructor(@InjectTaloWebhooks() private readonly webhooks: TaloWebhooks) {}
 */
export function InjectTaloWebhooks(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getTaloWebhooksToken(name));
}
