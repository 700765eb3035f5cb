import { Send } from 'lucide';
import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { touchesOne } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { asPesos, count, money, shorten } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { Button } from '../ui/button.tsx';
import { Copyable } from '../ui/copy.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';
import { TimelinePanel } from '../ui/timeline.tsx';
import { CreditHint } from './credit-hint.tsx';
import { PayTo, Wire } from './payment.tsx';
import { Transactions } from './transactions.tsx';

/** More of them are not told. */
const TOLD = 500;

function atLeast(transfers: number): string {
  return `${count(transfers, language.value)}${transfers >= TOLD ? '+' : ''}`;
}

export function CustomerView({ userId, id }: { userId: string; id: string }): VNode {
  const { customers, field, details, payments } = words.value;
  const customer = useLoaded(
    `${userId} ${id}`,
    (signal) => read(signal, 'GET /customers/:userId/:id', { params: { userId, id } }),
    touchesOne({ kind: 'customer', userId, id }),
  );
  const { data } = customer;
  return (
    <>
      <Heading title={data?.name || id} back={{ href: to(['customers']), text: customers.title }}>
        {data && (
          <Button
            kind="primary"
            icon={Send}
            shortcut="t"
            onClick={() => openDialog({ type: 'transfer', to: data.alias, kind: 'amount' })}
          >
            {words.value.bank.sendIt}
          </Button>
        )}
      </Heading>
      <Showing of={customer}>
        {(shown) => (
          <>
            <section class="summary" aria-label={field.balance}>
              <div>
                <p class="summary-label">{field.balance}</p>
                <p class="figure num">{money(shown.balance)}</p>
              </div>
              <div>
                <p class="summary-label">{payments.transactions}</p>
                <p class="figure num">{atLeast(shown.transactions.length)}</p>
              </div>
              <div>
                <p class="summary-label">{field.created}</p>
                <Time at={shown.createdAt} long />
              </div>
            </section>
            <div class="split">
              <div class="stack">
                <TimelinePanel entries={shown.timeline} />
                <Transactions of={shown.transactions} cvu={shown.cvu} />
              </div>
              <div class="stack">
                <PayTo cvu={shown.cvu} alias={shown.alias} />
                <Panel title={details}>
                  <Facts
                    of={[
                      [field.id, <Copyable key="id" text={shown.id} what={field.id} />],
                      [
                        field.merchant,
                        <a key="m" href={to(['merchants', shown.userId])}>
                          <code title={shown.userId}>{shorten(shown.userId)}</code>
                        </a>,
                      ],
                      [field.email, shown.email],
                      [field.webhookUrl, <code key="w">{shown.webhookUrl}</code>],
                    ]}
                  />
                </Panel>
                <CreditHint
                  credit={{ kind: 'customer', userId, id, amount: asPesos(shown.balance) }}
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
