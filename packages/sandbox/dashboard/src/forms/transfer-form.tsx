import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { BankAccount, NewTransfer, Transfer } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { isType } from '../lib/concerns.ts';
import { money, readPesos } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { showClock, status } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { Form, Segments, TextField } from '../ui/form.tsx';
import { placeOf } from '../ui/resource-link.tsx';

const KINDS = ['exact', 'under', 'over', 'split', 'twice', 'late', 'amount'] as const;
type Kind = (typeof KINDS)[number];

const asKind = (value: string): Kind => KINDS.find((kind) => kind === value) ?? 'exact';

/** The payer's side of a transfer: to whom, how much of what is expected, from whom. */
export function TransferForm(given: {
  to?: string;
  kind?: string;
  onDone?: () => void;
  onCancel?: () => void;
}): VNode {
  const { bank, field } = words.value;
  const [to, setTo] = useState(given.to ?? '');
  const [kind, setKind] = useState<Kind>(asKind(given.kind ?? 'exact'));
  const [amount, setAmount] = useState('');
  const [parts, setParts] = useState('2');
  const [payer, setPayer] = useState({ name: '', cuit: '', account: '' });
  const list = useId();
  const accounts = useLoaded(
    to,
    (signal) => read(signal, 'GET /accounts', { query: { limit: 20, ...(to !== '' && { q: to }) } }),
    isType('transfer', 'activity'),
  );
  const found = accounts.data?.items ?? [];
  const account = found.find(({ cvu, alias }) => cvu === to || alias.toLowerCase() === to.toLowerCase());
  // a customer's account expects nothing, so only an amount makes sense
  const chosen: Kind = account?.kind === 'customer' ? 'amount' : kind;
  const needsFrozen = chosen === 'late' && status.value?.clock.mode === 'real';
  const pesos = readPesos(amount);

  async function send(): Promise<void> {
    const from = Object.fromEntries(Object.entries(payer).filter(([, value]) => value !== ''));
    const body: NewTransfer = {
      to,
      ...(chosen === 'amount' ? { amount: pesos ?? amount } : { kind: chosen }),
      ...(chosen === 'split' && { parts: Number(parts) }),
      ...(Object.keys(from).length > 0 && { from }),
    };
    const { transfers } = await call('POST /transfers', { body });
    tell(transfers);
    given.onDone?.();
  }

  return (
    <Form
      submit={bank.submit}
      onSubmit={send}
      disabled={to === '' || needsFrozen || (chosen === 'amount' && pesos === undefined)}
      {...(given.onCancel && { onCancel: given.onCancel })}
    >
      <TextField
        label={bank.to}
        hint={account === undefined ? bank.toHint : <About account={account} />}
        value={to}
        onChange={setTo}
        list={list}
        required
        mono
        focus={given.to === ''}
      />
      <datalist id={list}>
        {found.map(({ cvu, alias, holder, expected }) => (
          <option
            key={cvu}
            value={alias}
            label={[holder, expected && money(expected)].filter(Boolean).join(' · ')}
          />
        ))}
      </datalist>
      <Segments
        legend={bank.kind}
        name="kind"
        value={chosen}
        onChange={(value) => setKind(asKind(value))}
        choices={KINDS.filter((each) => account?.kind !== 'customer' || each === 'amount').map((value) => ({
          value,
          text: bank.kinds[value],
        }))}
        hint={bank.kindHints[chosen]}
      />
      {chosen === 'amount' && (
        <TextField
          label={field.amount}
          value={amount}
          onChange={setAmount}
          inputMode="decimal"
          placeholder={words.value.payments.pricePlaceholder}
          error={amount !== '' && pesos === undefined ? words.value.payments.priceWrong : undefined}
          required
        />
      )}
      {chosen === 'split' && (
        <TextField
          label={bank.parts}
          type="number"
          min={2}
          max={50}
          value={parts}
          onChange={setParts}
          required
        />
      )}
      {needsFrozen && <FreezeFirst />}
      <details class="fold">
        <summary>
          {bank.payer} <span class="faint">{payer.name || bank.payerAny}</span>
        </summary>
        <p class="hint">{bank.payerHint}</p>
        <TextField
          label={bank.payerName}
          value={payer.name}
          onChange={(name) => setPayer({ ...payer, name })}
        />
        <div class="pair">
          <TextField
            label={bank.payerCuit}
            value={payer.cuit}
            onChange={(cuit) => setPayer({ ...payer, cuit })}
            mono
          />
          <TextField
            label={bank.payerAccount}
            value={payer.account}
            onChange={(value) => setPayer({ ...payer, account: value })}
            mono
          />
        </div>
      </details>
    </Form>
  );
}

function About({ account: { holder, expected, kind } }: { account: BankAccount }): VNode {
  const { bank } = words.value;
  const missing = expected === undefined ? bank.noExpected : bank.expected(money(expected));
  return (
    <>
      {holder}
      {kind === 'payment' && ` · ${missing}`}
    </>
  );
}

function FreezeFirst(): VNode {
  const { bank } = words.value;
  return (
    <div class="notice warn">
      <p>{bank.needsFrozen}</p>
      <ActionButton small act={async () => showClock(await call('POST /clock/freeze'))}>
        {bank.freezeNow}
      </ActionButton>
    </div>
  );
}

/** What came of it, with the way to the timeline. */
function tell(transfers: readonly Transfer[]): void {
  const { bank } = words.peek();
  const [first] = transfers;
  if (first === undefined) return;
  const centavos = transfers.reduce((sum, { amount }) => sum + amount.centavos, 0);
  const outcomes = [...new Set(transfers.map(({ status: outcome }) => bank.sentOutcome[outcome]))];
  const text = [bank.sent(transfers.length, money({ currency: 'ARS', centavos })), ...outcomes].join(' ');
  const bounced = transfers.some(({ status: outcome }) => outcome !== 'credited');
  const link = first.resource && { href: placeOf(first.resource), text: bank.see };
  say(bounced ? 'bad' : 'good', text, link);
}
