import { Repeat2, ShieldAlert } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Attempt, Notice, Replay } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { clockTime } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { tellSent } from '../lib/sent.ts';
import { ActionButton } from '../ui/button.tsx';
import { Chip, StatusChip } from '../ui/chip.tsx';
import { Copyable } from '../ui/copy.tsx';
import { Form, TextField } from '../ui/form.tsx';
import { Headers, Source } from '../ui/json.tsx';
import { LimitBar } from '../ui/limit-bar.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';

export function WebhookView({ id }: { id: string }): VNode {
  const { webhooks, field } = words.value;
  const notice = useLoaded(
    id,
    (signal) => read(signal, 'GET /notices/:id', { params: { id } }),
    (event) => event.type === 'notice' && event.notice.id === id,
  );
  async function again(body: Replay): Promise<void> {
    const { notices } = await call('POST /notices/:id/replay', { params: { id }, body });
    await tellSent(notices);
  }
  return (
    <>
      <Heading title={webhooks.one} back={{ href: to(['webhooks']), text: webhooks.title }}>
        <ActionButton icon={Repeat2} act={() => again({})}>
          {webhooks.again}
        </ActionButton>
        <ActionButton act={() => again({ times: 50 })}>{webhooks.fifty}</ActionButton>
        <ActionButton icon={ShieldAlert} act={() => again({ signature: 'wrong' })}>
          {webhooks.wrong}
        </ActionButton>
        <ActionButton act={() => again({ signature: 'none' })}>{webhooks.unsigned}</ActionButton>
      </Heading>
      <Showing of={notice}>
        {(shown) => (
          <div class="split">
            <div class="stack">
              {shown.attempts.length === 0 && <p class="hint">{webhooks.noAttempts}</p>}
              {/* by place: copies of one webhook have attempts of the same number */}
              {shown.attempts.map((attempt, index) => <OneAttempt key={index} attempt={attempt} />).reverse()}
            </div>
            <div class="stack">
              <About notice={shown} />
              {shown.attempts.length === 0 && (
                <Panel title={webhooks.body}>
                  <Source text={JSON.stringify(shown.body)} label={`${webhooks.one}: ${webhooks.body}`} />
                </Panel>
              )}
              <Elsewhere onSend={again} />
              <p class="hint">
                {field.id}: <code>{id}</code>
              </p>
            </div>
          </div>
        )}
      </Showing>
    </>
  );
}

function About({ notice }: { notice: Notice }): VNode {
  const { webhooks, field, details } = words.value;
  const { outcome, origin, target, resource, createdAt, nextAttemptAt } = notice;
  return (
    <Panel title={details}>
      <Facts
        of={[
          [field.result, <StatusChip key="s" status={outcome} />],
          origin !== 'talo' && [
            field.from,
            <Chip key="o" tone="calm">
              {webhooks.origin[origin]}
            </Chip>,
          ],
          [field.resource, <ResourceLink key="r" of={resource} />],
          [field.target, <Copyable key="t" text={target} what={field.target} />],
          [field.created, <Time key="c" at={createdAt} long />],
        ]}
      />
      {nextAttemptAt !== undefined && <p class="hint">{webhooks.nextAttempt(clockTime(nextAttemptAt))}</p>}
    </Panel>
  );
}

function OneAttempt({ attempt }: { attempt: Attempt }): VNode {
  const { webhooks, timeline } = words.value;
  const { number, at, outcome, status, durationMs, reason, request, answer } = attempt;
  const sent = number > 0;
  const title = sent ? webhooks.attempt(number) : timeline.notSent;
  return (
    <Panel
      title={title}
      actions={
        <>
          <Time at={at} /> <StatusChip status={outcome} />
        </>
      }
    >
      {sent && (
        <p class="attempt-line">
          {status !== undefined && <strong class="num">{status}</strong>}
          <LimitBar ms={durationMs} late={outcome === 'timeout'} whole />
        </p>
      )}
      {reason !== undefined && <p class="hint">{reason}</p>}
      <div class="two">
        <div>
          <h3>{webhooks.request}</h3>
          <Headers of={request.headers} label={`${title}, ${webhooks.request}: ${webhooks.headers}`} />
          <Source text={request.body} label={`${title}, ${webhooks.request}: ${webhooks.body}`} />
        </div>
        <div>
          <h3>{webhooks.answer}</h3>
          {answer === undefined ? (
            <p class="hint">{webhooks.noAnswer}</p>
          ) : (
            <>
              <Headers of={answer.headers} label={`${title}, ${webhooks.answer}: ${webhooks.headers}`} />
              {answer.body !== '' && (
                <Source text={answer.body} label={`${title}, ${webhooks.answer}: ${webhooks.body}`} />
              )}
            </>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Elsewhere({ onSend }: { onSend: (body: Replay) => Promise<void> }): VNode {
  const { webhooks } = words.value;
  const [url, setUrl] = useState('');
  return (
    <Panel title={webhooks.elsewhere}>
      <Form submit={webhooks.again} onSubmit={() => onSend({ url })} disabled={url === ''}>
        <TextField
          label={webhooks.forgeUrl}
          type="url"
          placeholder="http://127.0.0.1:3000/webhooks/talo"
          value={url}
          onChange={setUrl}
          required
          mono
        />
      </Form>
    </Panel>
  );
}
