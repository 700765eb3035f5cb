import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { read } from '../lib/api.ts';
import { asCurl } from '../lib/curl.ts';
import { stretch } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Chip, HttpChip } from '../ui/chip.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Headers, Source } from '../ui/json.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';

export function RequestView({ id }: { id: string }): VNode {
  const { requests, webhooks, field, details } = words.value;
  const request = useLoaded(id, (signal) => read(signal, 'GET /requests/:id', { params: { id } }), () => false);
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
            <Panel title={details}>
              <Facts
                of={[
                  [field.answer, <HttpChip key="s" status={shown.status} />],
                  [field.took, stretch(shown.durationMs)],
                  [field.at, <Time key="t" at={shown.at} long />],
                  shown.resource && [field.resource, <ResourceLink key="r" of={shown.resource} />],
                  shown.fault !== undefined && [
                    field.fault,
                    <Chip key="f" tone="warn">
                      {shown.fault}
                    </Chip>,
                  ],
                ]}
              />
            </Panel>
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
              <Source text={asCurl(shown)} label="curl" />
            </Panel>
          </div>
        )}
      </Showing>
    </>
  );
}

function Body({ text, label }: { text: string | undefined; label: string }): VNode {
  return text ? <Source text={text} label={label} /> : <p class="hint">{words.value.requests.noBody}</p>;
}
