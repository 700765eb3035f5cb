import { RotateCcw } from 'lucide';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Oddity } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { language } from '../lib/preferences.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton, explain } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { Checkbox, TextField } from '../ui/form.tsx';
import { Panel } from '../ui/panel.tsx';

type Value = Oddity['current'];
type Change = (name: string, value: Value) => Promise<void>;

/** Every switch with what it stands for, by group. */
export function Oddities({ oddities, onChange }: { oddities: readonly Oddity[]; onChange: Change }): VNode {
  const { settings: text, nothingFound } = words.value;
  const [asked, setAsked] = useState('');
  const [onlyChanged, setOnlyChanged] = useState(false);
  const chosen = language.value;
  const found = oddities.filter(
    ({ name, doc, current, default: usual }) =>
      (!onlyChanged || current !== usual) &&
      `${name} ${doc[chosen]}`.toLowerCase().includes(asked.trim().toLowerCase()),
  );
  const groupNames: Readonly<Record<string, string>> = text.groups;
  const groups = Map.groupBy(found, ({ group }) => group);
  return (
    <Panel title={text.oddities} hint={text.odditiesHint}>
      <div class="pair oddity-head">
        <TextField label={text.filter} value={asked} onChange={setAsked} />
        <Checkbox label={text.onlyChanged} checked={onlyChanged} onChange={setOnlyChanged} />
      </div>
      {found.length === 0 && <p class="hint">{nothingFound}</p>}
      {[...groups].map(([group, members]) => (
        <section key={group} class="oddity-group">
          <h3>{groupNames[group] ?? group}</h3>
          {members.map((oddity) => (
            <One key={oddity.name} oddity={oddity} onChange={onChange} />
          ))}
        </section>
      ))}
    </Panel>
  );
}

function One({ oddity, onChange }: { oddity: Oddity; onChange: Change }): VNode {
  const { settings: text } = words.value;
  const { name, doc, known, current, default: usual } = oddity;
  // what was chosen shows at once, and not again what was before until the settings have been read anew
  const [chosen, choose] = useState<Value | undefined>(undefined);
  useEffect(() => choose(undefined), [current]);
  const apply = (value: Value): void => {
    choose(value);
    onChange(name, value).catch((error: unknown) => {
      choose(undefined);
      say('bad', explain(error));
    });
  };
  return (
    <div class={`oddity ${current === usual ? '' : 'changed'}`}>
      <div>
        <p class="oddity-name">
          <code>{name}</code> <Chip tone="calm">{text.known[known]}</Chip>
        </p>
        <p class="hint">{doc[language.value]}</p>
        {current !== usual && (
          <p class="oddity-default">
            {text.changedFrom(shown(usual))}
            <ActionButton kind="quiet" small icon={RotateCcw} act={() => onChange(name, usual)}>
              {text.reset}
            </ActionButton>
          </p>
        )}
      </div>
      <Control oddity={{ ...oddity, current: chosen ?? current }} onChange={apply} />
    </div>
  );
}

function shown(value: Value): string {
  const { settings: text } = words.peek();
  return typeof value === 'boolean' ? (value ? text.on : text.off) : String(value);
}

function Control({ oddity, onChange }: { oddity: Oddity; onChange: (value: Value) => void }): VNode {
  const { settings: text } = words.value;
  const { name, type, current, choices } = oddity;
  if (type === 'boolean') {
    return (
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={current === true}
          aria-label={name}
          checked={current === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span aria-hidden="true">{current === true ? text.on : text.off}</span>
      </label>
    );
  }
  if (type === 'choice' && choices !== undefined) {
    return (
      <select
        aria-label={name}
        value={String(current)}
        onChange={(event) => {
          const value = choices.find((choice) => String(choice) === event.currentTarget.value);
          if (value !== undefined) onChange(value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={String(choice)} selected={choice === current}>
            {String(choice)}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      type="number"
      aria-label={name}
      value={String(current)}
      onChange={(event) => {
        const value = event.currentTarget.valueAsNumber;
        if (Number.isFinite(value)) onChange(value);
      }}
    />
  );
}
