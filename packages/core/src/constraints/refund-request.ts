import type { Money } from '../money.ts';
import { type Constraint, constraint } from './constraint.ts';
import { positiveMoney } from './number.ts';
import { object } from './object.ts';
import { email, oneOf, someText } from './text.ts';

/** Who asks for a refund (talo-api 3.5). */
export interface RefundBlame {
  readonly teamId: string;
  readonly mail: string;
}

/** A refund of all that was paid, or of a part (talo-api 3.5). */
export type RefundRequest =
  | { readonly type: 'FULL'; readonly amount?: undefined; readonly blame: RefundBlame }
  | { readonly type: 'PARTIAL'; readonly amount: Money; readonly blame: RefundBlame };

const blame: Constraint<RefundBlame> = /* @__PURE__ */ object({ teamId: someText, mail: email });

const noAmount: Constraint<undefined> = /* @__PURE__ */ constraint(
  'no amount without PARTIAL',
  (value, fail) => {
    if (value !== undefined) fail('forbidden');
  },
);

/** What `payments.refund` takes: an amount above zero with `PARTIAL`, none with `FULL` (talo-api 3.5). */
export const refundRequest: Constraint<RefundRequest> = /* @__PURE__ */ constraint('', (value, _, also) => {
  const partial = Reflect.get(Object(value), 'type') === 'PARTIAL';
  const amount = partial ? positiveMoney : noAmount;
  also([], object({ type: oneOf('FULL', 'PARTIAL'), amount, blame }), value);
});
