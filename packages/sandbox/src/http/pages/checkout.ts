import { formatMoney } from '@talo/core';
import { html } from 'hono/html';
import { findMerchant } from '../../state/merchants.ts';
import { receivedBy } from '../../state/payments.ts';
import type { Payment, PaymentStatus } from '../../state/records.ts';
import type { World } from '../../state/world.ts';
import { subtractOrZero } from '../../wire-money.ts';
import { checkoutScript } from './checkout-script.ts';
import { render } from './layout.ts';
import { type Language, words } from './words.ts';

/** What the page is told while it is open. */
export interface CheckoutState {
  readonly status: PaymentStatus;
  readonly message: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'wait';
  readonly amount: string;
  /** For the field of a bank's page: `28500,50`. */
  readonly amountToType: string;
  readonly amountLabel: string;
  /** Whether money is still wanted. */
  readonly open: boolean;
  readonly paid: boolean;
  readonly expiresAt: number;
  /** The sandbox's time, and whether it passes. */
  readonly now: number;
  readonly frozen: boolean;
}

const TONES: Readonly<Record<PaymentStatus, CheckoutState['tone']>> = {
  PENDING: 'wait',
  UNDERPAID: 'warn',
  SUCCESS: 'good',
  OVERPAID: 'good',
  EXPIRED: 'bad',
  REJECTED: 'bad',
  CANCELLED: 'bad',
  UNDER_REVIEW: 'warn',
  REFUNDED: 'warn',
};

export function checkoutState(
  world: World,
  payment: Payment,
  frozen: boolean,
  language: Language,
): CheckoutState {
  const { status } = payment;
  const say = words[language];
  const open = status === 'PENDING' || status === 'UNDERPAID';
  const left = subtractOrZero(payment.price, receivedBy(payment));
  const amount = formatMoney(status === 'UNDERPAID' ? left : payment.price);
  return {
    status,
    message: say.status[status],
    tone: TONES[status],
    amount,
    amountToType: amount.replace(/[^\d,]/g, ''),
    amountLabel: status === 'UNDERPAID' ? say.remaining : open ? say.amount : say.total,
    open,
    paid: status === 'SUCCESS' || status === 'OVERPAID',
    expiresAt: payment.expiresAt,
    now: world.clock.now(),
    frozen,
  };
}

/** What a payer sees. */
export function checkoutPage(
  world: World,
  payment: Payment,
  frozen: boolean,
  language: Language,
): Promise<Response> {
  const say = words[language];
  const { holder } = findMerchant(world, payment.userId);
  const state = checkoutState(world, payment, frozen, language);
  const back = payment.echo.redirect_url;
  const copyButton = (label: string, value: string, id: string) =>
    html`<button type="button" id="copy-${id}" data-copy="${value}"><span>${say.copy}</span><span class="hidden"> ${label}</span></button>
<span class="hidden" role="status"></span>`;
  const copyable = (label: string, value: string, id: string) =>
    html`<div class="row"><dt>${label}</dt><dd data-value>${value}</dd>
<dd>${copyButton(label, value, id)}</dd></div>`;
  return render({
    title: `${holder.name} · ${state.amount}`,
    language,
    words: say,
    body: html`<p class="state" id="state" role="status" data-tone="${state.tone}">${state.message}</p>
<h1>${say.payTo} ${holder.name}</h1>
<p class="muted label" id="label">${state.amountLabel}</p>
<div class="row sum"><p class="amount" id="amount" data-value>${state.amount}</p>
<div id="copy-sum"${state.open ? '' : html` hidden`}>${copyButton(say.total, state.amountToType, 'amount')}</div></div>
<div id="how"${state.open ? '' : html` hidden`}>
<p class="muted" id="expiry">${say.expires} <strong id="left" role="timer">${timeLeft(state)}</strong>
<span id="stands"${frozen ? '' : html` hidden`}>· ${say.clockStands}</span></p>
<dl>
${copyable(say.alias, payment.alias, 'alias')}
${copyable(say.cvu, payment.cvu, 'cvu')}
<div class="row"><dt>${say.holder}</dt><dd>${holder.name}</dd></div>
<div class="row"><dt>${say.cuit}</dt><dd>${withHyphens(holder.cuit)}</dd></div>
${payment.motive === undefined ? '' : html`<div class="row"><dt>${say.motive}</dt><dd>${payment.motive}</dd></div>`}
</dl>
<p class="muted">${say.how} ${say.exclusive}</p>
</div>
${
  back === undefined
    ? ''
    : html`<p class="muted" id="returning"${state.paid ? '' : html` hidden`}>${say.returning}</p>
<a class="button wide" id="back" href="${back}">${say.return}</a>`
}
<noscript><p class="muted">${say.noScript}</p></noscript>`,
    script: checkoutScript({
      stream: `/_sandbox/checkout/${encodeURIComponent(payment.userId)}/${encodeURIComponent(payment.id)}?language=${language}`,
      state,
      copied: say.copied,
    }),
  });
}

/** As banks write it. */
function withHyphens(cuit: string): string {
  return cuit.replace(/^(\d{2})(\d{8})(\d)$/, '$1-$2-$3');
}

function timeLeft({ expiresAt, now }: CheckoutState): string {
  const seconds = Math.max(0, Math.floor((expiresAt - now) / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
