import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import type { StreamEvent } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { listen } from '../lib/stream.ts';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import { Time } from '../ui/time.tsx';
import { draw } from '../ui/timeline.tsx';

type Happening = Extract<StreamEvent, { type: 'activity' }>;

const KEPT = 40;

/** What happened lately, newest first. Kept while other views are shown. */
const happenings = signal<readonly Happening[]>([]);

listen((event) => {
  if (event.type === 'changed' && event.what === 'all') happenings.value = [];
  // of a sandbox that was started again, whose numbers begin anew
  if (event.type === 'gap') happenings.value = happenings.value.filter(({ seq }) => seq <= event.seq);
  if (event.type === 'activity') happenings.value = [event, ...happenings.value].slice(0, KEPT);
});

export function Activity(): VNode {
  const { overview } = words.value;
  return (
    <Panel title={overview.activity} class="activity">
      {happenings.value.length === 0 ? (
        <p class="hint">{overview.activityEmpty}</p>
      ) : (
        <ol class="timeline short">
          {happenings.value.map(({ seq, resource, entry }) => {
            const { icon, tone, title } = draw(entry);
            return (
              <li key={seq} class={`entry ${tone}`}>
                <span class="entry-icon">
                  <Icon of={icon} size={14} />
                </span>
                <div class="entry-text">
                  <p class="entry-title">{title}</p>
                  <ResourceLink of={resource} />
                </div>
                <div class="entry-time">
                  <Time at={entry.at} />
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
