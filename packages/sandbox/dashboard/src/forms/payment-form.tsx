import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { call } from '../lib/api.ts';
import { closeDialog } from '../lib/dialogs.ts';
import { readPesos } from '../lib/format.ts';
import { go } from '../lib/router.ts';
import { say } from '../lib/toasts.ts';
import { rememberedWebhook, rememberWebhook } from '../lib/webhook-memory.ts';
import { Form, TextField } from '../ui/form.tsx';
import { placeOf } from '../ui/resource-link.tsx';
import { MerchantField } from './merchant-field.tsx';

export function PaymentForm({ userId }: { userId: string | undefined }): VNode {
  const { payments, field } = words.value;
  const [merchant, setMerchant] = useState(userId ?? '');
  const [price, setPrice] = useState('');
  const [externalId, setExternalId] = useState('');
  const [webhookUrl, setWebhookUrl] = useState(rememberedWebhook());
  const [motive, setMotive] = useState('');
  const pesos = readPesos(price);

  async function create(): Promise<void> {
    const payment = await call('POST /payments', {
      body: {
        price: pesos ?? price,
        ...(merchant !== '' && { userId: merchant }),
        ...(externalId !== '' && { externalId }),
        ...(webhookUrl !== '' && { webhookUrl }),
        ...(motive !== '' && { motive }),
      },
    });
    rememberWebhook(webhookUrl);
    closeDialog();
    say('good', payments.created(payment.externalId));
    go(placeOf(payment));
  }

  return (
    <Form submit={payments.create} onSubmit={create} onCancel={closeDialog} disabled={pesos === undefined}>
      <TextField
        label={field.price}
        value={price}
        onChange={setPrice}
        inputMode="decimal"
        placeholder={payments.pricePlaceholder}
        error={price !== '' && pesos === undefined ? payments.priceWrong : undefined}
        required
        focus
      />
      <TextField
        label={field.externalId}
        optional
        hint={payments.externalHint}
        value={externalId}
        onChange={setExternalId}
      />
      <TextField
        label={field.webhookUrl}
        optional
        type="url"
        hint={payments.webhookHint}
        placeholder="http://127.0.0.1:3000/webhooks/talo"
        value={webhookUrl}
        onChange={setWebhookUrl}
        mono
      />
      <TextField label={field.motive} optional value={motive} onChange={setMotive} />
      <MerchantField value={merchant} onChange={setMerchant} />
    </Form>
  );
}
