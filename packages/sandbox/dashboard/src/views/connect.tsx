import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Status } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { type SnippetKind, snippet } from '../lib/snippet.ts';
import { Copyable } from '../ui/copy.tsx';
import { Segments } from '../ui/form.tsx';
import { Source } from '../ui/json.tsx';
import { Facts, Panel } from '../ui/panel.tsx';

const KINDS: readonly SnippetKind[] = ['env', 'node', 'curl'];

export function Connect({ known }: { known: Status }): VNode {
  const { overview } = words.value;
  return (
    <Panel title={overview.connect} hint={overview.connectHint}>
      <ConnectBody known={known} />
    </Panel>
  );
}

/** Address and credentials, one by one and ready to paste. */
export function ConnectBody({ known }: { known: Status }): VNode {
  const { overview, field } = words.value;
  const [kind, setKind] = useState<SnippetKind>('env');
  const { url, merchant } = known;
  return (
    <div class="connect">
      <Facts
        of={[
          [field.url, <Copyable key="url" text={url} what={field.url} />],
          [field.user, <Copyable key="user" text={merchant.userId} what={field.user} />],
          [field.clientId, <Copyable key="id" text={merchant.clientId} what={field.clientId} />],
          [
            field.clientSecret,
            <Copyable key="secret" text={merchant.clientSecret} what={field.clientSecret} />,
          ],
        ]}
      />
      <div>
        <Segments
          legend={overview.snippet}
          name="snippet"
          value={kind}
          onChange={(value) => setKind(KINDS.find((each) => each === value) ?? 'env')}
          choices={KINDS.map((value) => ({ value, text: overview.tabs[value] }))}
        />
        <Source text={snippet(kind, known)} label={overview.snippet} />
      </div>
    </div>
  );
}
