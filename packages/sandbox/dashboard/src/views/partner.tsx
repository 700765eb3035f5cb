import { ExternalLink, Handshake } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Onboarded, Partner } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { changes } from '../lib/concerns.ts';
import { percent } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { say } from '../lib/toasts.ts';
import { LinkButton } from '../ui/button.tsx';
import { StatusChip } from '../ui/chip.tsx';
import { Concealed, Copyable } from '../ui/copy.tsx';
import { Checkbox, Form, TextField } from '../ui/form.tsx';
import { Empty, Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { Table } from '../ui/table.tsx';
import { merchantColumns } from './merchants.tsx';

export function PartnerView(): VNode {
  const { partner: text } = words.value;
  const partner = useLoaded('partner', (signal) => read(signal, 'GET /partner'), changes('partner'));
  const [onboarded, setOnboarded] = useState<Onboarded | undefined>(undefined);
  return (
    <>
      <Heading title={text.title} lead={text.lead} />
      <Showing of={partner}>
        {(shown) => (
          <div class="split even">
            <div class="stack">
              <Onboard onDone={setOnboarded} authorizeUrl={shown.authorizeUrl} />
              {onboarded && <Done onboarded={onboarded} />}
            </div>
            <About key={`${shown.webhookUrl} ${shown.redirectUri}`} partner={shown} />
          </div>
        )}
      </Showing>
      <Merchants />
    </>
  );
}

function Onboard(given: { onDone: (onboarded: Onboarded) => void; authorizeUrl: string }): VNode {
  const { partner: text } = words.value;
  const [referred, setReferred] = useState('');
  const [activate, setActivate] = useState(true);
  async function onboard(): Promise<void> {
    const onboarded = await call('POST /partner/onboard', {
      body: { activate, ...(referred !== '' && { referredUserId: referred }) },
    });
    given.onDone(onboarded);
    say('good', text.done);
  }
  const query = referred === '' ? '' : `?referred_user_id=${encodeURIComponent(referred)}`;
  return (
    <Panel title={text.onboard} hint={text.onboardHint}>
      <Form submit={text.submit} onSubmit={onboard}>
        <TextField
          label={text.referred}
          optional
          hint={text.referredHint}
          value={referred}
          onChange={setReferred}
          mono
        />
        <Checkbox label={text.activate} hint={text.activateHint} checked={activate} onChange={setActivate} />
      </Form>
      <p class="hint">{text.authorize}</p>
      <LinkButton small outside icon={ExternalLink} href={`${given.authorizeUrl}${query}`}>
        {text.authorizeOpen}
      </LinkButton>
    </Panel>
  );
}

function Done({ onboarded: { merchant, code, redirectTo } }: { onboarded: Onboarded }): VNode {
  const { partner: text, field } = words.value;
  return (
    <Panel title={text.done} hint={text.codeHint} class="good">
      <Facts
        of={[
          [
            field.merchant,
            <a key="m" href={to(['merchants', merchant.userId])}>
              {merchant.name}
            </a>,
          ],
          [field.status, <StatusChip key="s" status={merchant.status} />],
          [text.code, <Copyable key="c" text={code} what={text.code} />],
          [text.redirect, <code key="r">{redirectTo}</code>],
        ]}
      />
    </Panel>
  );
}

function About({ partner }: { partner: Partner }): VNode {
  const { partner: text, field, save } = words.value;
  const [webhookUrl, setWebhookUrl] = useState(partner.webhookUrl ?? '');
  const [redirectUri, setRedirectUri] = useState(partner.redirectUri);
  async function apply(): Promise<void> {
    await call('PATCH /partner', {
      body: { webhookUrl: webhookUrl === '' ? null : webhookUrl, redirectUri },
    });
    say('good', words.peek().saved);
  }
  return (
    <Panel title={text.details}>
      <Facts
        of={[
          [field.name, partner.name],
          [field.id, <Copyable key="i" text={partner.id} what={field.id} />],
          [field.secret, <Concealed key="s" text={partner.secret} what={field.secret} />],
          [field.commission, percent(partner.commission, language.value)],
        ]}
      />
      <Form submit={save} onSubmit={apply}>
        <TextField
          label={field.webhookUrl}
          type="url"
          optional
          hint={text.webhookHint}
          value={webhookUrl}
          onChange={setWebhookUrl}
          mono
        />
        <TextField
          label={text.redirect}
          type="url"
          hint={text.redirectHint}
          value={redirectUri}
          onChange={setRedirectUri}
          required
          mono
        />
      </Form>
    </Panel>
  );
}

/** Of the partner's merchants; the list of all has the rest. */
const SOME = 20;

function Merchants(): VNode {
  const { partner: text, overview } = words.value;
  const list = useLoaded(
    'of the partner',
    async (signal) => {
      const page = await read(signal, 'GET /merchants', { query: { limit: 500 } });
      return page.items.filter(({ ofPartner }) => ofPartner);
    },
    changes('merchants'),
  );
  return (
    <Panel
      title={text.merchants}
      actions={(list.data?.length ?? 0) > SOME && <a href={to(['merchants'])}>{overview.seeAll}</a>}
    >
      <Showing of={list}>
        {(merchants) =>
          merchants.length === 0 ? (
            <Empty icon={Handshake} title={text.merchantsEmpty} />
          ) : (
            <Table
              caption={text.merchants}
              columns={merchantColumns()}
              rows={merchants.slice(0, SOME)}
              keyOf={({ userId }) => userId}
            />
          )
        }
      </Showing>
    </Panel>
  );
}
