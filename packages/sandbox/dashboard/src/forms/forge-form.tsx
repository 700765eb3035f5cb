import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Forgery, Signature } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call } from '../lib/api.ts';
import { closeDialog } from '../lib/dialogs.ts';
import { tellSent } from '../lib/sent.ts';
import { Form, Segments, Select, TextArea, TextField } from '../ui/form.tsx';
import { MerchantField } from './merchant-field.tsx';

const KINDS = ['payment', 'customer', 'account', 'body'] as const;
type Kind = (typeof KINDS)[number];
const SIGNATURES: readonly Signature[] = ['kept', 'wrong', 'none'];

export function ForgeForm(): VNode {
  const { webhooks } = words.value;
  const [kind, setKind] = useState<Kind>('payment');
  const [userId, setUserId] = useState('');
  const [id, setId] = useState('');
  const [url, setUrl] = useState('');
  const [body, setBody] = useState('{\n  "paymentId": ""\n}');
  const [signature, setSignature] = useState<Signature>('kept');
  const [times, setTimes] = useState('1');
  const parsed = parse(body);
  const wrong = kind === 'body' && parsed === undefined;

  async function send(): Promise<void> {
    const forgery: Forgery = {
      signature,
      times: Number(times),
      ...(url !== '' && { url }),
      ...(kind === 'body' ? { body: parsed?.value } : { kind, ...(id !== '' && { id }) }),
      ...(userId !== '' && { userId }),
    };
    const { notices } = await call('POST /notices/forge', { body: forgery });
    closeDialog();
    await tellSent(notices);
  }

  return (
    <Form submit={webhooks.forgeSend} onSubmit={send} onCancel={closeDialog} disabled={wrong}>
      <Segments
        legend={webhooks.forgeKind}
        name="forge-kind"
        value={kind}
        onChange={(value) => setKind(KINDS.find((each) => each === value) ?? 'payment')}
        choices={KINDS.map((value) => ({ value, text: webhooks.forgeKinds[value] }))}
      />
      {(kind === 'payment' || kind === 'customer') && (
        <TextField label={webhooks.forgeId} value={id} onChange={setId} required mono focus />
      )}
      {kind === 'body' && (
        <TextArea
          label={webhooks.forgeBody}
          value={body}
          onChange={setBody}
          error={wrong ? webhooks.jsonWrong : undefined}
        />
      )}
      <TextField
        label={webhooks.forgeUrl}
        type="url"
        optional={kind !== 'body'}
        required={kind === 'body'}
        hint={kind === 'body' ? undefined : webhooks.forgeUrlHint}
        placeholder="http://127.0.0.1:3000/webhooks/talo"
        value={url}
        onChange={setUrl}
        mono
      />
      <div class="pair">
        <Select
          label={webhooks.signature}
          value={signature}
          onChange={(value) => setSignature(SIGNATURES.find((each) => each === value) ?? 'kept')}
          choices={SIGNATURES.map((value) => ({ value, text: webhooks.signatures[value] }))}
        />
        <TextField
          label={webhooks.forgeTimes}
          type="number"
          min={1}
          max={500}
          value={times}
          onChange={setTimes}
        />
      </div>
      <MerchantField value={userId} onChange={setUserId} />
    </Form>
  );
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
