import { TaloConfigError } from '../errors/errors.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import type { Money } from '../money.ts';
import { type Context, send } from './context.ts';
import { wireAmount } from './payments.ts';

/** Play money, in Talo's sandbox and the local one (talo-api 3.10). */
export class Faucet {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Simulates a transfer to the CVU of a payment or a customer; the usual notification follows. */
  async transfer(cvu: string, amount: Money, options?: CallOptions): Promise<void> {
    if (this.#context.environment === 'production') {
      throw new TaloConfigError(
        "There is no faucet in production: new TaloClient({ environment: 'sandbox', … }).",
      );
    }
    const body = { amount: wireAmount('amount', amount) };
    await send(
      this.#context,
      { method: 'POST', path: path`/cvu/${cvu}/faucet`, creates: true, body },
      options,
    );
  }
}
