import type { VNode } from 'preact';
import { CustomerForm } from '../forms/customer-form.tsx';
import { ForgeForm } from '../forms/forge-form.tsx';
import { PaymentForm } from '../forms/payment-form.tsx';
import { TransferForm } from '../forms/transfer-form.tsx';
import { words } from '../i18n/index.ts';
import { closeDialog, dialog } from '../lib/dialogs.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ShortcutList } from './shortcut-list.tsx';

/** The dialogs that open over any view. */
export function Dialogs(): VNode | null {
  const open = dialog.value;
  const { top, payments, customers, webhooks, shortcuts } = words.value;
  switch (open?.type) {
    case undefined:
      return null;
    case 'transfer':
      return (
        <Dialog title={top.transfer} onClose={closeDialog}>
          <TransferForm
            to={open.to ?? ''}
            kind={open.kind ?? 'exact'}
            onDone={closeDialog}
            onCancel={closeDialog}
          />
        </Dialog>
      );
    case 'payment':
      return (
        <Dialog title={payments.new} hint={payments.newHint} onClose={closeDialog}>
          <PaymentForm userId={open.userId} />
        </Dialog>
      );
    case 'customer':
      return (
        <Dialog title={customers.new} hint={customers.newHint} onClose={closeDialog}>
          <CustomerForm userId={open.userId} />
        </Dialog>
      );
    case 'forge':
      return (
        <Dialog title={webhooks.forge} hint={webhooks.forgeHint} onClose={closeDialog}>
          <ForgeForm />
        </Dialog>
      );
    case 'shortcuts':
      return (
        <Dialog title={shortcuts.title} onClose={closeDialog}>
          <ShortcutList />
        </Dialog>
      );
  }
}
