import {
  ArrowDownLeft,
  ArrowRight,
  ArrowUpRight,
  CircleCheck,
  CircleDot,
  Hourglass,
  type IconNode,
  Pencil,
  Plus,
  Terminal,
  Webhook,
} from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { TimelineEntry } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { clockTime, count, money, stretch } from '../lib/format.ts';
import { language } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { StatusChip, type Tone } from './chip.tsx';
import { Filter } from './form.tsx';
import { Icon } from './icon.tsx';
import { LimitBar } from './limit-bar.tsx';
import { Panel } from './panel.tsx';
import { Time } from './time.tsx';

type Lane = 'money' | 'webhooks' | 'requests';

const LANES: Readonly<Record<TimelineEntry['type'], Lane>> = {
  created: 'money',
  transfer: 'money',
  status: 'money',
  changed: 'money',
  credited: 'money',
  'webhook.queued': 'webhooks',
  'webhook.attempt': 'webhooks',
  'webhook.retry': 'webhooks',
  request: 'requests',
};

/** As many as a person reads, and the newest; the filters find older ones. */
const SHOWN = 300;

/** Everything that happened to one resource, oldest first. */
export function TimelinePanel({ entries }: { entries: readonly TimelineEntry[] }): VNode {
  const [lane, setLane] = useState<Lane | 'all'>('all');
  const { timeline } = words.value;
  const found = entries
    .filter(({ type }) => lane === 'all' || LANES[type] === lane)
    .toSorted((a, b) => a.at.localeCompare(b.at) || a.seq - b.seq);
  const chosen = found.slice(-SHOWN);
  return (
    <Panel
      title={timeline.title}
      hint={timeline.lead}
      actions={
        <Filter
          label={timeline.filter}
          value={lane}
          onChange={(value) =>
            setLane(value === 'money' || value === 'webhooks' || value === 'requests' ? value : 'all')
          }
          choices={[
            { value: 'all', text: timeline.everything },
            { value: 'money', text: timeline.moneyOnly },
            { value: 'webhooks', text: timeline.webhooksOnly },
            { value: 'requests', text: timeline.requestsOnly },
          ]}
        />
      }
    >
      {chosen.length === 0 && <p class="hint">{timeline.empty}</p>}
      {found.length > SHOWN && (
        <p class="hint timeline-cut">
          {timeline.newest(count(SHOWN, language.value), count(found.length, language.value))}
        </p>
      )}
      <ol class="timeline">
        {chosen.map((entry, index) => (
          <Entry key={entry.seq} entry={entry} since={chosen[index - 1]} />
        ))}
      </ol>
    </Panel>
  );
}

function Entry({ entry, since }: { entry: TimelineEntry; since: TimelineEntry | undefined }): VNode {
  const { icon, tone, title, detail } = draw(entry);
  const later = since === undefined ? 0 : Date.parse(entry.at) - Date.parse(since.at);
  return (
    <li class={`entry ${tone}`}>
      <span class="entry-icon">
        <Icon of={icon} size={15} />
      </span>
      <div class="entry-text">
        <p class="entry-title">{title}</p>
        {detail !== undefined && <div class="entry-detail">{detail}</div>}
      </div>
      <div class="entry-time">
        <Time at={entry.at} />
        {later > 0 && <span class="faint num">+ {stretch(later)}</span>}
      </div>
    </li>
  );
}

interface Drawing {
  readonly icon: IconNode;
  readonly tone: Tone;
  readonly title: ComponentChildren;
  readonly detail?: ComponentChildren;
}

/** One entry in words. */
export function draw(entry: TimelineEntry): Drawing {
  const dictionary = words.value;
  const { timeline } = dictionary;
  switch (entry.type) {
    case 'created':
      return { icon: Plus, tone: 'calm', title: timeline.created };
    case 'transfer': {
      const outcome = timeline.transferOutcome[entry.outcome];
      const tone = entry.outcome === 'credited' ? 'good' : 'bad';
      const title = timeline.transfer(money(entry.amount), entry.from.name);
      return { icon: ArrowDownLeft, tone, title, detail: outcome };
    }
    case 'status': {
      const title = (
        <>
          <span class="faint">{statusWord(dictionary, entry.from)}</span> <Icon of={ArrowRight} size={13} />{' '}
          <StatusChip status={entry.to} />
        </>
      );
      return { icon: CircleDot, tone: 'info', title, detail: timeline.cause[entry.cause] };
    }
    case 'changed':
      return { icon: Pencil, tone: 'calm', title: timeline.changed[entry.what] };
    case 'webhook.queued': {
      const link = <a href={to(['webhooks', entry.noticeId])}>{timeline.openWebhook}</a>;
      const title = (
        <>
          {timeline.queued} <Path of={entry.target} />
        </>
      );
      return { icon: ArrowUpRight, tone: 'info', title, detail: link };
    }
    case 'webhook.attempt':
      return drawAttempt(entry);
    case 'webhook.retry':
      return { icon: Hourglass, tone: 'warn', title: timeline.retry(entry.attempt, clockTime(entry.dueAt)) };
    case 'request': {
      const took = stretch(entry.durationMs);
      const answer =
        entry.status === undefined ? timeline.requestLost : timeline.requestAnswer(entry.status, took);
      const tone =
        entry.status === undefined || entry.status >= 500 ? 'bad' : entry.status >= 400 ? 'warn' : 'calm';
      const detail = (
        <>
          {answer}
          {entry.fault !== undefined && <span class="fault-mark"> · {timeline.fault}</span>} ·{' '}
          <a href={to(['requests', entry.requestId])}>{timeline.openRequest}</a>
        </>
      );
      const title = (
        <>
          {timeline.request} <Path of={`${entry.method} ${entry.path}`} />
        </>
      );
      return { icon: Terminal, tone, title, detail };
    }
    case 'credited':
      return { icon: CircleCheck, tone: 'good', title: timeline.credited(money(entry.amount)) };
  }
}

/** On one line where there is little room; the whole is in the tooltip. */
function Path({ of }: { of: string }): VNode {
  return (
    <code class="path" title={of}>
      {of}
    </code>
  );
}

function drawAttempt(entry: Extract<TimelineEntry, { type: 'webhook.attempt' }>): Drawing {
  const { timeline } = words.value;
  const sent = entry.outcome !== 'refused' && entry.outcome !== 'dropped';
  const answer = entry.status === undefined ? timeline.unanswered : timeline.answered(entry.status);
  const title = (
    <>
      {sent ? `${timeline.attempt(entry.attempt)}: ${answer}` : timeline.notSent}{' '}
      <StatusChip status={entry.outcome} />
    </>
  );
  const detail = (
    <>
      {sent && <LimitBar ms={entry.durationMs} late={entry.late} whole />}
      {entry.late && <p>{timeline.late}</p>}
      {entry.reason !== undefined && !entry.late && <p>{entry.reason}</p>}
    </>
  );
  return { icon: Webhook, tone: entry.outcome === 'delivered' ? 'good' : 'bad', title, detail };
}
