import type { VNode } from 'preact';
import type { Payer } from '../../../src/control/contract.ts';

/** On two lines at most, however long companies call themselves; the whole and the account are in the tooltip. */
export function PayerName({ of: { name, cuit, account } }: { of: Payer }): VNode {
  return (
    <span class="name" title={`${name} · ${cuit} · ${account}`}>
      {name}
    </span>
  );
}
