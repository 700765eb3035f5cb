import { ExternalLink, Send } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PaymentChange, PaymentDetail } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { touchesOne } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { asPesos, fromLocal, localOf, money, readPesos, shorten } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { now } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { StatusChip } from '../ui/chip.tsx';
import { Copyable } from '../ui/copy.tsx';
import { Form, Select, TextField } from '../ui/form.tsx';
import { Source } from '../ui/json.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { Qr } from '../ui/qr.tsx';
import { Time } from '../ui/time.tsx';
import { TimelinePanel } from '../ui/timeline.tsx';
import { CreditHint } from './credit-hint.tsx';
import { PAYMENT_STATUSES } from './payments.tsx';
import { Transactions } from './transactions.tsx';

export function PaymentView({ userId, id }: { userId: string; id: string }): VNode {
  const { payments } = words.value;
  const payment = useLoaded(
    `${userId} ${id}`,
    (signal) => read(signal, 'GET /payments/:userId/:id', { params: { userId, id } }),
    touchesOne({ kind: 'payment', userId, id }),
  );
  const { data } = payment;
  return (
    <>
      <Heading
        title={
          <>
            {payments.one} {data?.externalId ?? ''}
          </>
        }
        back={{ href: to(['payments']), text: payments.title }}
      >
        {data && (
          <>
            <LinkButton href={data.paymentUrl} outside icon={ExternalLink}>
              {payments.checkout}
            </LinkButton>
            <Button
              kind="primary"
              icon={Send}
              shortcut="t"
              onClick={() =>
                openDialog({ type: 'transfer', to: data.alias, kind: isSettled(data) ? 'amount' : 'exact' })
              }
            >
              {words.value.bank.sendIt}
            </Button>
          </>
        )}
      </Heading>
      <Showing of={payment}>
        {(shown) => (
          <>
            <Progress payment={shown} />
            <div class="split">
              <div class="stack">
                <TimelinePanel entries={shown.timeline} />
                <Transactions of={shown.transactions} cvu={shown.cvu} />
              </div>
              <div class="stack">
                <PayTo cvu={shown.cvu} alias={shown.alias} />
                <Details payment={shown} />
                <Change key={shown.updatedAt} payment={shown} />
                <CreditHint
                  credit={{ kind: 'payment', userId, id, amount: asPesos(shown.received) }}
                  entries={shown.timeline}
                />
                <Wire wire={shown.wire} />
              </div>
            </div>
          </>
        )}
      </Showing>
    </>
  );
}

function isSettled({ status, price, received }: PaymentDetail): boolean {
  return status === 'SUCCESS' || status === 'OVERPAID' || received.centavos >= price.centavos;
}

function Progress({ payment }: { payment: PaymentDetail }): VNode {
  const { payments, field } = words.value;
  const { price, received, status, expiresAt } = payment;
  const percent = price.centavos === 0 ? 100 : Math.min(100, (received.centavos / price.centavos) * 100);
  const rest = price.centavos - received.centavos;
  return (
    <section class="summary" aria-label={field.status}>
      <div>
        <p class="summary-label">{field.status}</p>
        <StatusChip status={status} />
      </div>
      <div>
        <p class="summary-label">{field.price}</p>
        <p class="figure num">{money(price)}</p>
      </div>
      <div>
        <p class="summary-label">{field.received}</p>
        <p class="figure num">{money(received)}</p>
      </div>
      <div>
        <p class="summary-label">{rest < 0 ? field.excess : field.missing}</p>
        <p class="figure num">{money({ currency: 'ARS', centavos: Math.abs(rest) })}</p>
      </div>
      <div>
        <p class="summary-label">{field.expires}</p>
        <p class={Date.parse(expiresAt) <= now.value ? 'past' : ''}>
          <Time at={expiresAt} long />
        </p>
      </div>
      <div
        class={`progress ${rest < 0 ? 'over' : ''}`}
        role="img"
        aria-label={payments.progress(money(received), money(price))}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
    </section>
  );
}

export function PayTo({ cvu, alias }: { cvu: string; alias: string }): VNode {
  const { payments, field } = words.value;
  return (
    <Panel title={payments.payTo} class="pay-to">
      <div class="pay-to-body">
        <Facts
          of={[
            [field.alias, <Copyable key="alias" text={alias} what={field.alias} />],
            [field.cvu, <Copyable key="cvu" text={cvu} what={field.cvu} />],
          ]}
        />
        <figure class="qr-figure">
          <Qr text={cvu} label={payments.qr} />
          <figcaption class="hint">{payments.qrNote}</figcaption>
        </figure>
      </div>
    </Panel>
  );
}

function Details({ payment }: { payment: PaymentDetail }): VNode {
  const { field, details } = words.value;
  return (
    <Panel title={details}>
      <Facts
        of={[
          [field.id, <Copyable key="id" text={payment.id} what={field.id} />],
          [
            field.merchant,
            <a key="merchant" href={to(['merchants', payment.userId])}>
              <code title={payment.userId}>{shorten(payment.userId)}</code>
            </a>,
          ],
          payment.motive !== undefined && [field.motive, payment.motive],
          [field.created, <Time key="created" at={payment.createdAt} long />],
          [field.updated, <Time key="updated" at={payment.updatedAt} long />],
          [
            field.webhookUrl,
            payment.webhookUrl === undefined ? words.value.none : <code key="w">{payment.webhookUrl}</code>,
          ],
          payment.redirectUrl !== undefined && [
            field.redirectUrl,
            <code key="r">{payment.redirectUrl}</code>,
          ],
          payment.refunded.centavos > 0 && [field.refunded, money(payment.refunded)],
        ]}
      />
    </Panel>
  );
}

/** What people at Talo could do. */
function Change({ payment }: { payment: PaymentDetail }): VNode {
  const dictionary = words.value;
  const { payments, clock, save } = dictionary;
  const [status, setStatus] = useState<string>(payment.status);
  const [price, setPrice] = useState(asPesos(payment.price));
  const before = localOf(payment.expiresAt);
  const [expiry, setExpiry] = useState(before);
  const pesos = readPesos(price);

  async function apply(): Promise<void> {
    const wanted = PAYMENT_STATUSES.find((each) => each === status);
    const body: PaymentChange = {
      ...(wanted !== undefined && wanted !== payment.status && { status: wanted }),
      ...(pesos !== undefined && pesos !== asPesos(payment.price) && { price: pesos }),
      ...(expiry !== before && { expiresAt: fromLocal(expiry) }),
    };
    const { userId, id } = payment;
    await call('PATCH /payments/:userId/:id', { params: { userId, id }, body });
    say('good', payments.changed(payment.externalId));
  }

  return (
    <details class="panel fold-panel">
      <summary>
        <h2>{payments.manage}</h2>
        <span class="hint">{payments.manageHint}</span>
      </summary>
      <Form submit={save} onSubmit={apply} disabled={pesos === undefined}>
        <div class="pair">
          <Select
            label={payments.setStatus}
            value={status}
            onChange={setStatus}
            choices={PAYMENT_STATUSES.map((value) => ({ value, text: statusWord(dictionary, value) }))}
          />
          <TextField
            label={payments.setPrice}
            value={price}
            onChange={setPrice}
            inputMode="decimal"
            error={pesos === undefined ? payments.priceWrong : undefined}
          />
        </div>
        <TextField
          label={payments.setExpiry}
          hint={clock.zone}
          type="datetime-local"
          value={expiry}
          onChange={setExpiry}
          required
        />
      </Form>
    </details>
  );
}

export function Wire({ wire }: { wire: object }): VNode {
  const { payments } = words.value;
  return (
    <details class="panel fold-panel">
      <summary>
        <h2>{payments.wire}</h2>
        <span class="hint">{payments.wireHint}</span>
      </summary>
      <Source text={JSON.stringify(wire)} label={payments.wire} />
    </details>
  );
}
