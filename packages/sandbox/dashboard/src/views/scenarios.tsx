import { Play, Square } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Scenario } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { changes } from '../lib/concerns.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { refresh } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { TextField } from '../ui/form.tsx';
import { Panel, Showing } from '../ui/panel.tsx';

export function Scenarios(): VNode {
  const { faults } = words.value;
  const list = useLoaded('scenarios', (signal) => read(signal, 'GET /scenarios'), changes('scenarios'));
  return (
    <Panel title={faults.scenarios} hint={faults.scenariosHint}>
      <Showing of={list}>
        {({ scenarios }) =>
          scenarios.length === 0 ? (
            <p class="hint">{faults.scenariosEmpty}</p>
          ) : (
            <ul class="cards wide-cards">
              {scenarios.map((scenario) => (
                <One key={scenario.name} scenario={scenario} onChange={list.reload} />
              ))}
            </ul>
          )
        }
      </Showing>
    </Panel>
  );
}

/** The first sentence names a field, what follows explains it. */
function asLabel(doc: string): { label: string; hint?: string } {
  const [label = '', hint] = doc.split(/\.\s+(?=\S)/);
  return { label: label.replace(/\.$/, ''), ...(hint !== undefined && { hint }) };
}

function One({ scenario, onChange }: { scenario: Scenario; onChange: () => void }): VNode {
  const { faults } = words.value;
  const { name, title, doc, parameters, running, report } = scenario;
  const chosen = language.value;
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  async function turn(on: boolean): Promise<void> {
    const body = Object.fromEntries(
      parameters
        .filter((parameter) => values[parameter.name] !== undefined)
        .map((parameter) => {
          const typed = values[parameter.name] ?? '';
          return [parameter.name, typeof parameter.default === 'number' ? Number(typed) : typed];
        }),
    );
    const params = { name };
    if (on) await call('POST /scenarios/:name', { params, body });
    else await call('DELETE /scenarios/:name', { params });
    onChange();
    void refresh();
    const text = words.peek().faults;
    say('good', (on ? text.started : text.stopped)(title[chosen]));
  }
  return (
    <li class={`card column ${running ? 'on' : ''}`}>
      <div class="card-head">
        <h3>{title[chosen]}</h3>
        {running && <Chip tone="warn">{faults.running}</Chip>}
      </div>
      <p class="hint">{doc[chosen]}</p>
      {!running && (
        <details class="fold">
          <summary>{faults.options}</summary>
          {parameters.map((parameter) => (
            <TextField
              key={parameter.name}
              {...asLabel(parameter.doc[chosen])}
              type={typeof parameter.default === 'number' ? 'number' : 'text'}
              value={values[parameter.name] ?? String(parameter.default)}
              onChange={(value) => setValues({ ...values, [parameter.name]: value })}
            />
          ))}
        </details>
      )}
      {report && (
        <p class="hint num">
          {Object.entries(report)
            .map(([what, many]) => `${what}: ${many}`)
            .join(' · ')}
        </p>
      )}
      <div class="actions">
        <ActionButton
          small
          kind={running ? 'danger' : 'plain'}
          icon={running ? Square : Play}
          label={`${running ? faults.stop : faults.run}: ${title[chosen]}`}
          act={() => turn(!running)}
        >
          {running ? faults.stop : faults.run}
        </ActionButton>
      </div>
    </li>
  );
}
