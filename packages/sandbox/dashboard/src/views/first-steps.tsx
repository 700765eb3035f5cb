import { Check, Plus, Send } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import type { Status } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { touches } from '../lib/concerns.ts';
import { openDialog } from '../lib/dialogs.ts';
import { useLoaded } from '../lib/load.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { placeOf } from '../ui/resource-link.tsx';
import { ConnectBody } from './connect.tsx';

/** From nothing to a credited transfer. Each step is ticked by what the sandbox has seen, not by a click. */
export function FirstSteps({ known }: { known: Status }): VNode {
  const { overview, payments: text } = words.value;
  const { payments, requests } = known.counts;
  const last = useLoaded(
    'last payment',
    (signal) => read(signal, 'GET /payments', { query: { limit: 1 } }),
    touches('payment'),
  );
  const payment = last.data?.items[0];
  return (
    <section aria-label={overview.steps}>
      <ol class="steps">
        <Step n={1} done={requests > 0} title={overview.connect} hint={overview.connectHint}>
          <ConnectBody known={known} />
        </Step>
        <Step
          n={2}
          done={payments > 0}
          title={overview.create}
          hint={payment === undefined ? overview.createHint : overview.createDone(payment.externalId)}
        >
          <Button
            kind={payments === 0 ? 'primary' : 'plain'}
            icon={Plus}
            onClick={() => openDialog({ type: 'payment' })}
          >
            {text.new}
          </Button>
        </Step>
        <Step n={3} done={false} title={overview.send} hint={overview.sendHint}>
          <Button
            kind={payments > 0 ? 'primary' : 'plain'}
            icon={Send}
            disabled={payment === undefined}
            onClick={() => openDialog({ type: 'transfer', ...(payment && { to: payment.alias }) })}
          >
            {words.value.bank.send}
          </Button>
        </Step>
        <Step n={4} done={false} title={overview.see} hint={overview.seeHint}>
          {payment && <LinkButton href={placeOf(payment)}>{overview.seeOpen}</LinkButton>}
        </Step>
      </ol>
    </section>
  );
}

function Step(given: {
  n: number;
  done: boolean;
  title: string;
  hint: string;
  children: ComponentChildren;
}): VNode {
  const { overview } = words.value;
  return (
    <li class={`step ${given.done ? 'done' : ''}`}>
      <span class="step-number" aria-hidden="true">
        {given.done ? <Icon of={Check} size={16} /> : given.n}
      </span>
      <div class="step-body">
        <h2>
          <span class="hidden">{overview.step(given.n)}: </span>
          {given.title}
          {given.done && <span class="hidden"> ({overview.done})</span>}
        </h2>
        <p class="hint">{given.hint}</p>
        {given.children}
      </div>
    </li>
  );
}
