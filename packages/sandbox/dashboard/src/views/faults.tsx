import { Plus, Trash2 } from 'lucide';
import type { VNode } from 'preact';
import type { ActiveFault, Fault } from '../../../src/control/contract.ts';
import { FaultForm } from '../forms/fault-form.tsx';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { any, changes, isType } from '../lib/concerns.ts';
import { count } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { refresh } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { Heading, Panel, Showing } from '../ui/panel.tsx';
import { Table } from '../ui/table.tsx';
import { PRESETS } from './fault-presets.ts';
import { describeFault } from './fault-words.ts';
import { Scenarios } from './scenarios.tsx';

export function FaultsView(): VNode {
  const { faults } = words.value;
  const active = useLoaded(
    'faults',
    (signal) => read(signal, 'GET /faults'),
    // a request or a webhook may have met one
    any(changes('faults', 'scenarios'), isType('request', 'notice')),
  );
  async function add(fault: Fault): Promise<void> {
    const added = await call('POST /faults', { body: fault });
    active.reload();
    void refresh();
    const dictionary = words.peek();
    say('good', dictionary.faults.added(describeFault(added.fault, dictionary)));
  }
  async function removeAll(): Promise<void> {
    await call('DELETE /faults');
    active.reload();
    void refresh();
    say('good', faults.removed);
  }
  return (
    <>
      <Heading title={faults.title} lead={faults.lead} />
      <Panel
        title={faults.active}
        actions={
          (active.data?.faults.length ?? 0) > 1 && (
            <ActionButton small icon={Trash2} act={removeAll}>
              {faults.removeAll}
            </ActionButton>
          )
        }
      >
        <Showing of={active}>
          {({ faults: list }) =>
            list.length === 0 ? (
              <p class="hint">{faults.none}</p>
            ) : (
              <Active faults={list} onChange={active.reload} />
            )
          }
        </Showing>
      </Panel>
      <Panel title={faults.quick}>
        <ul class="cards">
          {PRESETS.map(({ title, hint, fault }) => (
            <li key={title} class="card">
              <div>
                <h3>{faults.presets[title]}</h3>
                <p class="hint">{faults.presets[hint]}</p>
              </div>
              <ActionButton
                small
                icon={Plus}
                label={`${faults.add_}: ${faults.presets[title]}`}
                act={() => add(fault)}
              />
            </li>
          ))}
        </ul>
      </Panel>
      <Scenarios />
      <Panel title={faults.own}>
        <FaultForm onAdd={add} />
      </Panel>
    </>
  );
}

function Active({ faults, onChange }: { faults: readonly ActiveFault[]; onChange: () => void }): VNode {
  const dictionary = words.value;
  const { faults: text } = dictionary;
  async function remove(id: string): Promise<void> {
    await call('DELETE /faults/:id', { params: { id } });
    onChange();
    void refresh();
    say('good', text.removed);
  }
  return (
    <Table
      caption={text.activeCaption}
      rows={faults}
      keyOf={({ id }) => id}
      columns={[
        {
          name: text.effect,
          head: true,
          cell: ({ fault, scenario, left }) => (
            <span class="breaks">
              {describeFault(fault, dictionary)} {scenario && <Chip tone="calm">{text.of(scenario)}</Chip>}{' '}
              {left === 0 && <Chip tone="calm">{text.usedUp}</Chip>}
            </span>
          ),
        },
        { name: text.met, number: true, cell: ({ met }) => count(met, language.value) },
        { name: text.left, number: true, room: 'wide', cell: ({ left }) => left ?? text.unlimited },
        {
          name: dictionary.actions,
          silent: true,
          number: true,
          cell: ({ id }) => (
            <ActionButton kind="quiet" small icon={Trash2} label={text.remove} act={() => remove(id)} />
          ),
        },
      ]}
    />
  );
}
