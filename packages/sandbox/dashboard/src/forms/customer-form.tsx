import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { call } from '../lib/api.ts';
import { closeDialog } from '../lib/dialogs.ts';
import { go } from '../lib/router.ts';
import { say } from '../lib/toasts.ts';
import { rememberedWebhook, rememberWebhook } from '../lib/webhook-memory.ts';
import { Form, TextField } from '../ui/form.tsx';
import { placeOf } from '../ui/resource-link.tsx';
import { MerchantField } from './merchant-field.tsx';

export function CustomerForm({ userId }: { userId: string | undefined }): VNode {
  const { customers, payments, field } = words.value;
  const [merchant, setMerchant] = useState(userId ?? '');
  const [customerId, setCustomerId] = useState('');
  const [name, setName] = useState('');
  const [alias, setAlias] = useState('');
  const [webhookUrl, setWebhookUrl] = useState(rememberedWebhook());

  async function create(): Promise<void> {
    const customer = await call('POST /customers', {
      body: {
        webhookUrl,
        ...(merchant !== '' && { userId: merchant }),
        ...(customerId !== '' && { customerId }),
        ...(name !== '' && { name }),
        ...(alias !== '' && { alias }),
      },
    });
    rememberWebhook(webhookUrl);
    closeDialog();
    say('good', customers.created(customer.id));
    go(placeOf(customer));
  }

  return (
    <Form submit={payments.create} onSubmit={create} onCancel={closeDialog} disabled={webhookUrl === ''}>
      <TextField label={field.name} optional value={name} onChange={setName} focus />
      <TextField
        label={field.id}
        optional
        hint={payments.externalHint}
        value={customerId}
        onChange={setCustomerId}
      />
      <TextField
        label={field.alias}
        optional
        hint={customers.aliasHint}
        value={alias}
        onChange={setAlias}
        mono
      />
      <TextField
        label={field.webhookUrl}
        type="url"
        hint={customers.webhookNeeded}
        placeholder="http://127.0.0.1:3000/webhooks/talo"
        value={webhookUrl}
        onChange={setWebhookUrl}
        required
        mono
      />
      <MerchantField value={merchant} onChange={setMerchant} />
    </Form>
  );
}
