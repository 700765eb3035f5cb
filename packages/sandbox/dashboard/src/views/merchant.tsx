import { Plus } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type {
  AccountStatus,
  Merchant,
  MerchantChange,
  PayoutFrequency,
} from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { any, changes } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { clockTime, count, money, percent } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton, Button } from '../ui/button.tsx';
import { Chip, StatusChip } from '../ui/chip.tsx';
import { Concealed, Copyable } from '../ui/copy.tsx';
import { Form, Select, TextField } from '../ui/form.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';

export function MerchantView({ userId }: { userId: string }): VNode {
  const { merchants, top } = words.value;
  const merchant = useLoaded(
    userId,
    (signal) => read(signal, 'GET /merchants/:userId', { params: { userId } }),
    any(changes('merchants'), (event) => event.type === 'activity' && event.resource?.userId === userId),
  );
  const { data } = merchant;
  return (
    <>
      <Heading
        title={data?.name ?? words.value.field.merchant}
        back={{ href: to(['merchants']), text: merchants.title }}
      >
        <Button icon={Plus} onClick={() => openDialog({ type: 'payment', userId })}>
          {top.payment}
        </Button>
      </Heading>
      <Showing of={merchant}>
        {(shown) => (
          <>
            <Summary merchant={shown} />
            <div class="split even">
              <div class="stack">
                <Account merchant={shown} />
                <Credentials merchant={shown} />
              </div>
              <Config key={JSON.stringify([shown.aliasPrefix, shown.payoutSchedule])} merchant={shown} />
            </div>
          </>
        )}
      </Showing>
    </>
  );
}

function Summary({ merchant }: { merchant: Merchant }): VNode {
  const { field } = words.value;
  const { userId } = merchant;
  return (
    <section class="summary" aria-label={field.balance}>
      <div>
        <p class="summary-label">{field.status}</p>
        <StatusChip status={merchant.status} /> {merchant.revoked && <StatusChip status="revoked" />}
      </div>
      <div>
        <p class="summary-label">{field.balance}</p>
        <p class="figure num">{money(merchant.balance)}</p>
      </div>
      <div>
        <p class="summary-label">{field.payments}</p>
        <a class="figure num" href={to(['payments'], { userId })}>
          {count(merchant.payments, language.value)}
        </a>
      </div>
      <div>
        <p class="summary-label">{field.customers}</p>
        <a class="figure num" href={to(['customers'], { userId })}>
          {count(merchant.customers, language.value)}
        </a>
      </div>
    </section>
  );
}

function Account({ merchant }: { merchant: Merchant }): VNode {
  const { merchants, field } = words.value;
  const { userId, name, status, revoked } = merchant;
  async function change(body: MerchantChange): Promise<void> {
    await call('PATCH /merchants/:userId', { params: { userId }, body });
    say('good', merchants.changed(name));
  }
  async function payOut(): Promise<void> {
    await call('POST /merchants/:userId/payouts', { params: { userId }, body: {} });
    say('good', merchants.paidOut);
  }
  const become = (wanted: AccountStatus, text: string): VNode | false =>
    status !== wanted && (
      <ActionButton small act={() => change({ status: wanted })}>
        {text}
      </ActionButton>
    );
  return (
    <Panel title={field.account}>
      <Facts
        of={[
          [field.status, <StatusChip key="s" status={status} />],
          merchant.activatesAt !== undefined && [
            words.value.status.PENDING,
            merchants.activatesAt(clockTime(merchant.activatesAt)),
          ],
          [field.cuit, <code key="c">{merchant.cuit}</code>],
          [field.commission, percent(merchant.commissionPercent, language.value)],
          merchant.ofPartner && [
            words.value.partner.title,
            <Chip key="p" tone="calm">
              {merchants.ofPartner}
            </Chip>,
          ],
          merchant.referredUserId !== undefined && [
            merchants.referred,
            <code key="r">{merchant.referredUserId}</code>,
          ],
          merchant.nextPayoutAt !== undefined && [
            field.nextPayout,
            <Time key="n" at={merchant.nextPayoutAt} long />,
          ],
        ]}
      />
      <div class="actions wrap">
        {become('ACTIVE', merchants.activate)}
        {become('REJECTED', merchants.reject)}
        {become('SUSPENDED', merchants.suspend)}
        <ActionButton small kind={revoked ? 'plain' : 'danger'} act={() => change({ revoked: !revoked })}>
          {revoked ? merchants.restore : merchants.revoke}
        </ActionButton>
        <ActionButton small act={payOut} disabled={merchant.balance.centavos <= 0}>
          {merchants.payOut}
        </ActionButton>
      </div>
      {merchant.ofPartner && <p class="hint">{merchants.ofPartnerHint}</p>}
    </Panel>
  );
}

function Credentials({ merchant }: { merchant: Merchant }): VNode {
  const { merchants, field } = words.value;
  return (
    <Panel title={merchants.credentials}>
      <Facts
        of={[
          [field.user, <Copyable key="u" text={merchant.userId} what={field.user} />],
          [field.clientId, <Copyable key="c" text={merchant.clientId} what={field.clientId} />],
          [field.clientSecret, <Concealed key="s" text={merchant.clientSecret} what={field.clientSecret} />],
        ]}
      />
    </Panel>
  );
}

const FREQUENCIES: readonly PayoutFrequency[] = ['daily', 'bi_daily', 'weekly', 'monthly'];

function Config({ merchant }: { merchant: Merchant }): VNode {
  const { merchants, field, save } = words.value;
  const { userId, payoutSchedule } = merchant;
  const [prefix, setPrefix] = useState(merchant.aliasPrefix);
  const [hours, setHours] = useState(String(merchant.cancellationPeriod));
  const [tolerance, setTolerance] = useState(String(merchant.transferTolerance));
  const [address, setAddress] = useState(payoutSchedule?.address ?? '');
  const [frequency, setFrequency] = useState<string>(payoutSchedule?.frequency ?? 'daily');
  const wanted = FREQUENCIES.find((each) => each === frequency);

  async function apply(): Promise<void> {
    const body: MerchantChange = {
      ...(prefix !== merchant.aliasPrefix && { aliasPrefix: prefix }),
      ...(hours !== String(merchant.cancellationPeriod) && { cancellationPeriod: Number(hours) }),
      ...(tolerance !== String(merchant.transferTolerance) && { transferTolerance: Number(tolerance) }),
      ...(address !== '' && wanted !== undefined && { payoutSchedule: { address, frequency: wanted } }),
    };
    await call('PATCH /merchants/:userId', { params: { userId }, body });
    say('good', words.peek().saved);
  }

  return (
    <Panel title={merchants.config}>
      <Form submit={save} onSubmit={apply}>
        <TextField label={field.prefix} value={prefix} onChange={setPrefix} mono />
        <div class="pair">
          <TextField
            label={field.cancellation}
            type="number"
            min={1}
            max={200}
            value={hours}
            onChange={setHours}
          />
          <TextField
            label={field.tolerance}
            type="number"
            min={0}
            max={10_000}
            value={tolerance}
            onChange={setTolerance}
          />
        </div>
        <TextField
          label={field.payoutAddress}
          optional
          hint={payoutSchedule === undefined ? merchants.noPayout : undefined}
          value={address}
          onChange={setAddress}
          mono
        />
        <Select
          label={field.payoutFrequency}
          value={frequency}
          onChange={setFrequency}
          choices={FREQUENCIES.map((value) => ({ value, text: merchants.frequencies[value] }))}
        />
      </Form>
    </Panel>
  );
}
