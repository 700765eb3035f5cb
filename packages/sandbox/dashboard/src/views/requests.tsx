import { ScrollText, Trash2 } from 'lucide';
import type { VNode } from 'preact';
import type { RequestEntry } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { isType } from '../lib/concerns.ts';
import { stretch } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { place, refine, to } from '../lib/router.ts';
import { status } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { Chip, HttpChip } from '../ui/chip.tsx';
import { Copyable } from '../ui/copy.tsx';
import { Empty, Heading } from '../ui/panel.tsx';
import { ResourceLink } from '../ui/resource-link.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { AddressFilter, List } from './list.tsx';
import { askedKey, listQuery } from './list-query.ts';

export function RequestsView(): VNode {
  const { requests } = words.value;
  const { method, fault } = place.value.query;
  const query = {
    ...listQuery(),
    ...(method !== undefined && { method }),
    ...(fault !== undefined && { fault: true }),
  };
  const list = useLoaded(askedKey(), (signal) => read(signal, 'GET /requests', { query }), isType('request'));
  const url = status.value?.url;
  async function empty(): Promise<void> {
    await call('DELETE /requests');
    list.reload();
    say('good', requests.cleared);
  }
  return (
    <>
      <Heading title={requests.title} lead={requests.lead}>
        {(list.data?.total ?? 0) > 0 && (
          <ActionButton icon={Trash2} act={empty}>
            {requests.clear}
          </ActionButton>
        )}
      </Heading>
      <List
        of={list}
        caption={requests.caption}
        hint={requests.searchHint}
        columns={requestColumns()}
        keyOf={({ id }) => id}
        filters={
          <>
            <AddressFilter
              name="method"
              label={requests.filterMethod}
              choices={['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((value) => ({ value, text: value }))}
            />
            <label class="inline-check">
              <input
                type="checkbox"
                checked={fault !== undefined}
                onChange={(event) =>
                  refine({
                    fault: event.currentTarget.checked ? 'true' : undefined,
                    cursor: undefined,
                    trail: undefined,
                  })
                }
              />
              {requests.onlyFaults}
            </label>
          </>
        }
        empty={
          <Empty icon={ScrollText} title={requests.empty} next={requests.emptyNext}>
            {url !== undefined && <Copyable text={url} what={words.value.field.url} />}
          </Empty>
        }
      />
    </>
  );
}

/** What the id of every payment of one merchant begins with; what tells them apart must be in the part that shows. */
const GENERATED = /VAR-[0-9a-f]{8}-/;

export function requestColumns(): readonly Column<RequestEntry>[] {
  const { field } = words.value;
  return [
    { name: field.at, cell: ({ at }) => <Time at={at} /> },
    { name: field.method, cell: ({ method }) => <code class="method">{method}</code> },
    {
      name: field.path,
      head: true,
      cell: ({ id, path }) => (
        <a href={to(['requests', id])} class="clip" title={path}>
          <code>{path.replace(GENERATED, '…')}</code>
        </a>
      ),
    },
    { name: field.answer, cell: (request) => <HttpChip status={request.status} /> },
    { name: field.took, number: true, room: 'wide', cell: ({ durationMs }) => stretch(durationMs) },
    { name: field.resource, room: 'late', cell: ({ resource }) => <ResourceLink of={resource} /> },
    {
      name: field.fault,
      room: 'wide',
      cell: ({ fault }) => (fault === undefined ? '' : <Chip tone="warn">{field.fault}</Chip>),
    },
  ];
}
