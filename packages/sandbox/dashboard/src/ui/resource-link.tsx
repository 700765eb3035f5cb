import type { VNode } from 'preact';
import type { ResourceRef } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { shorten } from '../lib/format.ts';
import { to } from '../lib/router.ts';

/** Where a payment, customer or merchant is shown. */
export function placeOf(resource: ResourceRef): string {
  if (resource.kind === 'merchant') return to(['merchants', resource.userId]);
  return to([resource.kind === 'payment' ? 'payments' : 'customers', resource.userId, resource.id]);
}

/** Every payment's id begins with its merchant's: what tells them apart comes after. */
const GENERATED = /^VAR-[0-9a-f]{8}-/;

export function ResourceLink({ of }: { of: ResourceRef | undefined }): VNode {
  const { payments, customers, field } = words.value;
  if (of === undefined) return <span class="faint">–</span>;
  const id = of.kind === 'merchant' ? of.userId : of.id;
  const kind = { payment: payments.one, customer: customers.one, merchant: field.merchant }[of.kind];
  return (
    <a href={placeOf(of)} class="resource" title={id}>
      <span class="faint">{kind}</span> <code>{shorten(id.replace(GENERATED, ''), 22)}</code>
    </a>
  );
}
