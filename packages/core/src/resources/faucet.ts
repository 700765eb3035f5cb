import { need } from '../check.ts';
import { positiveMoney } from '../constraints/number.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import type { Money } from '../money.ts';
import { anything, type Context, send } from './context.ts';
import { toPesos } from './wire.ts';

/** Play money, in Talo's sandbox and the local one (talo-api 3.10). */
export class Faucet {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Simulates a transfer to the CVU of a payment or a customer; the usual notification follows. */
  async transfer(cvu: string, amount: Money, options?: CallOptions): Promise<void> {
    const { environment } = this.#context;
    need(environment !== 'production', "{ environment: 'sandbox' }", 'No faucet in production');
    const body = { amount: toPesos(positiveMoney.parse(amount)) };
    const more = { creates: true, body, answers: anything };
    await send(this.#context, 'POST', path`/cvu/${cvu}/faucet`, options, more);
  }
}
