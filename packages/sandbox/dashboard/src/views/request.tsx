import type { VNode } from 'preact';
import type { RequestDetail } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { asCurl } from '../lib/curl.ts';
import { stretch } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Chip, HttpChip } from '../ui/chip.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Headers, Source } from '../ui/json.tsx';
import { Heading, Panel, Showing } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';

export function RequestView({ id }: { id: string }): VNode {
  const { requests, webhooks } = words.value;
  const request = useLoaded(
    id,
    (signal) => read(signal, 'GET /requests/:id', { params: { id } }),
    () => false,
  );
  const { data } = request;
  return (
    <>
      <Heading
        title={data === undefined ? requests.one : <code>{`${data.method} ${data.path}`}</code>}
        back={{ href: to(['requests']), text: requests.title }}
      >
        {data && <CopyButton text={asCurl(data)} what="curl" label={requests.curl} />}
      </Heading>
      <Showing of={request}>
        {(shown) => (
          <div class="stack">
            <Summary request={shown} />
            <div class="two">
              <Panel title={requests.sent}>
                <Headers of={shown.requestHeaders} label={`${requests.sent}: ${webhooks.headers}`} />
                <Body text={shown.requestBody} label={`${requests.sent}: ${webhooks.body}`} />
              </Panel>
              <Panel title={requests.answered}>
                <Headers of={shown.answerHeaders} label={`${requests.answered}: ${webhooks.headers}`} />
                <Body text={shown.answerBody} label={`${requests.answered}: ${webhooks.body}`} />
              </Panel>
            </div>
            <Panel title="curl" hint={requests.curlHint}>
              <Source text={asCurl(shown)} label={requests.command} />
            </Panel>
          </div>
        )}
      </Showing>
    </>
  );
}

function Summary({ request }: { request: RequestDetail }): VNode {
  const { field, details } = words.value;
  const facts: readonly (readonly [string, VNode] | false)[] = [
    [field.answer, <HttpChip key="answer" status={request.status} />],
    [field.took, <span key="took">{stretch(request.durationMs)}</span>],
    [field.at, <Time key="at" at={request.at} long />],
    request.resource !== undefined && [field.resource, <ResourceLink key="of" of={request.resource} />],
    request.fault !== undefined && [
      field.fault,
      <Chip key="fault" tone="warn">
        {request.fault}
      </Chip>,
    ],
  ];
  return (
    <section class="summary" aria-label={details}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <p class="summary-label">{fact[0]}</p>
              {fact[1]}
            </div>
          ),
      )}
    </section>
  );
}

function Body({ text, label }: { text: string | undefined; label: string }): VNode {
  return text ? <Source text={text} label={label} /> : <p class="hint">{words.value.requests.noBody}</p>;
}
