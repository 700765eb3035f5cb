import { addMoney, centavos, type Money } from '@talo/core';
import { share } from '../wire-money.ts';
import { issueSender } from './addresses.ts';
import type { Merchant } from './records.ts';
import type { World } from './world.ts';

/** Money leaves: what arrives is `net`, and the commission on it is on top, in `gross` (sample in talo-api 3.9). */
export function payOut(world: World, merchant: Merchant, amount: Money): void {
  const now = world.clock.now();
  const commission = share(amount, merchant.commissionPpm);
  world.state.ledger.push({
    id: world.ids.uuid('ledger'),
    userId: merchant.userId,
    type: 'OUTBOUND',
    gross: centavos(-addMoney(amount, commission).centavos),
    net: centavos(-amount.centavos),
    commission,
    commissionPpm: merchant.commissionPpm,
    cvu: issueSender(world).account,
    alias: merchant.payout?.address ?? 'payout.address',
    at: now,
    readableAt: now,
    status: 'PROCESSED',
  });
}
