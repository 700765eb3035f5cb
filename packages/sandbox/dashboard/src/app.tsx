import { TriangleAlert } from 'lucide';
import { Component, type ComponentChildren, type VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { words } from './i18n/index.ts';
import { place, to } from './lib/router.ts';
import { unreachable } from './lib/sandbox.ts';
import { Dialogs } from './shell/dialogs.tsx';
import { Sidebar } from './shell/sidebar.tsx';
import { TopBar } from './shell/top-bar.tsx';
import { Button, LinkButton } from './ui/button.tsx';
import { Empty, Heading } from './ui/panel.tsx';
import { Toasts } from './ui/toasts.tsx';
import { BankView } from './views/bank.tsx';
import { ClockView } from './views/clock.tsx';
import { CustomerView } from './views/customer.tsx';
import { CustomersView } from './views/customers.tsx';
import { FaultsView } from './views/faults.tsx';
import { MerchantView } from './views/merchant.tsx';
import { MerchantsView } from './views/merchants.tsx';
import { OverviewView } from './views/overview.tsx';
import { PartnerView } from './views/partner.tsx';
import { PaymentView } from './views/payment.tsx';
import { PaymentsView } from './views/payments.tsx';
import { RequestView } from './views/request.tsx';
import { RequestsView } from './views/requests.tsx';
import { SettingsView } from './views/settings.tsx';
import { WebhookView } from './views/webhook.tsx';
import { WebhooksView } from './views/webhooks.tsx';

export function App(): VNode {
  const { parts } = place.value;
  const path = parts.join('/');
  useEffect(() => announce(), [path]);
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {words.value.skip}
      </button>
      <div class="shell">
        <Sidebar />
        <div class="column">
          <TopBar />
          {unreachable.value && (
            <div class="outage" role="alert">
              <strong>{words.value.failed.unreachable}</strong> {words.value.failed.unreachableNext}
            </div>
          )}
          <main id="main" tabIndex={-1} data-place={path}>
            <Guard key={path}>
              <View parts={parts} />
            </Guard>
          </main>
        </div>
      </div>
      <Dialogs />
      <Toasts />
    </>
  );
}

/** A button, because a link's fragment would be taken for a place. */
function skip(): void {
  document.querySelector<HTMLElement>('#main')?.focus();
}

let first = true;

/** A new view: from its top, and the focus to its heading, as a page load would. */
function announce(): void {
  scrollTo(0, 0);
  if (!first) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  first = false;
}

function View({ parts: [view = '', a, b] }: { parts: readonly string[] }): VNode {
  switch (view) {
    case '':
      return <OverviewView />;
    case 'payments':
      return a !== undefined && b !== undefined ? <PaymentView userId={a} id={b} /> : <PaymentsView />;
    case 'customers':
      return a !== undefined && b !== undefined ? <CustomerView userId={a} id={b} /> : <CustomersView />;
    case 'bank':
      return <BankView />;
    case 'webhooks':
      return a === undefined ? <WebhooksView /> : <WebhookView id={a} />;
    case 'requests':
      return a === undefined ? <RequestsView /> : <RequestView id={a} />;
    case 'merchants':
      return a === undefined ? <MerchantsView /> : <MerchantView userId={a} />;
    case 'partner':
      return <PartnerView />;
    case 'faults':
      return <FaultsView />;
    case 'clock':
      return <ClockView />;
    case 'settings':
      return <SettingsView />;
    default:
      return <Lost />;
  }
}

function Lost(): VNode {
  const { failed, nav } = words.value;
  return (
    <>
      <Heading title={failed.not_found} />
      <div class="panel">
        <Empty icon={TriangleAlert} title={failed.lost} next={failed.lostNext}>
          <LinkButton href={to([])}>{nav.overview}</LinkButton>
        </Empty>
      </div>
    </>
  );
}

/** A view that throws must not take the way out with it. */
class Guard extends Component<{ children: ComponentChildren }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static override getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render(): ComponentChildren {
    if (this.state.error === undefined) return this.props.children;
    const { failed, retry } = words.value;
    return (
      <div class="panel" role="alert">
        <Empty icon={TriangleAlert} title={failed.broken} next={failed.brokenNext}>
          <Button onClick={() => location.reload()}>{retry}</Button>
        </Empty>
      </div>
    );
  }
}
