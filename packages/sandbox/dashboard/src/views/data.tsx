import { Download, Trash2, Upload } from 'lucide';
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Fixture, Snapshot } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { changes } from '../lib/concerns.ts';
import { count } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { language } from '../lib/preferences.ts';
import { refresh } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton, Button, explain } from '../ui/button.tsx';
import { Form, TextField } from '../ui/form.tsx';
import { Panel, Showing } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';

/** States to come back to, the whole as a file, and the way back to the beginning. */
export function Data(): VNode {
  const { settings: text } = words.value;
  const snapshots = useLoaded('snapshots', (signal) => read(signal, 'GET /snapshots'), changes('snapshots'));
  const [name, setName] = useState('');
  async function take(): Promise<void> {
    const taken = await call('POST /snapshots', { body: name === '' ? {} : { name } });
    setName('');
    snapshots.reload();
    say('good', words.peek().settings.snapshotTaken(taken.name));
  }
  return (
    <Panel title={text.data}>
      <h3>{text.snapshots}</h3>
      <Form submit={text.snapshotTake} onSubmit={take}>
        <TextField label={text.snapshotName} optional value={name} onChange={setName} />
      </Form>
      <Showing of={snapshots}>
        {({ snapshots: list }) =>
          list.length === 0 ? (
            <p class="hint">{text.snapshotsEmpty}</p>
          ) : (
            <ul class="rows">
              {list.map((snapshot) => (
                <One key={snapshot.name} snapshot={snapshot} onChange={snapshots.reload} />
              ))}
            </ul>
          )
        }
      </Showing>
      <Files />
      <StartOver />
    </Panel>
  );
}

function One({
  snapshot: { name, at, counts },
  onChange,
}: {
  snapshot: Snapshot;
  onChange: () => void;
}): VNode {
  const { settings: text } = words.value;
  const params = { name };
  const number = (value: number): string => count(value, language.value);
  async function restore(): Promise<void> {
    await call('POST /snapshots/:name/restore', { params });
    void refresh();
    say('good', words.peek().settings.restored(name));
  }
  async function remove(): Promise<void> {
    await call('DELETE /snapshots/:name', { params });
    onChange();
    say('good', text.deleted);
  }
  return (
    <li>
      <div>
        <strong>{name}</strong> <Time at={at} />
        <p class="hint">
          {text.contains(number(counts.payments), number(counts.customers), number(counts.transfers))}
        </p>
      </div>
      <div class="actions">
        <ActionButton small act={restore}>
          {text.restore}
        </ActionButton>
        <ActionButton small kind="quiet" icon={Trash2} label={`${text.delete}: ${name}`} act={remove} />
      </div>
    </li>
  );
}

function Files(): VNode {
  const { settings: text } = words.value;
  const input = useRef<HTMLInputElement>(null);
  async function save(): Promise<void> {
    const fixture = await call('GET /export');
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(fixture, undefined, 2)], { type: 'application/json' }),
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = 'talo-sandbox.json';
    link.click();
    URL.revokeObjectURL(url);
  }
  async function load(file: File): Promise<void> {
    let fixture: Fixture;
    try {
      fixture = JSON.parse(await file.text()) as Fixture; // the border: the sandbox checks it
    } catch {
      say('bad', text.importWrong);
      return;
    }
    await call('POST /import', { body: fixture });
    void refresh();
    say('good', words.peek().settings.imported);
  }
  return (
    <div class="actions wrap">
      <ActionButton icon={Download} act={save}>
        {text.export}
      </ActionButton>
      <Button icon={Upload} onClick={() => input.current?.click()}>
        {text.import}
      </Button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        class="hidden"
        tabIndex={-1}
        aria-label={text.import}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) load(file).catch((error: unknown) => say('bad', explain(error)));
        }}
      />
    </div>
  );
}

/** Asked twice, in place: it takes everything with it. */
function StartOver(): VNode {
  const { settings: text, cancel } = words.value;
  const [asked, setAsked] = useState(false);
  async function reset(): Promise<void> {
    await call('POST /reset');
    setAsked(false);
    void refresh();
    say('good', words.peek().settings.resetDone);
  }
  return (
    <div class="danger-zone">
      <p class="hint">{text.resetAllHint}</p>
      <div class="actions wrap">
        {asked ? (
          <>
            <ActionButton kind="danger" act={reset}>
              {text.resetAllConfirm}
            </ActionButton>
            <Button kind="quiet" onClick={() => setAsked(false)}>
              {cancel}
            </Button>
          </>
        ) : (
          <Button kind="danger" onClick={() => setAsked(true)}>
            {text.resetAll}
          </Button>
        )}
      </div>
    </div>
  );
}
