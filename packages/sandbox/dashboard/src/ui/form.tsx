import type { ComponentChildren, VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { Button, explain } from './button.tsx';

interface About {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly optional?: boolean;
}

function Around(given: About & { id: string; children: VNode }): VNode {
  return (
    <div class="field">
      <label for={given.id}>
        {given.label}
        {given.optional && <span class="optional"> {words.value.field.optional}</span>}
      </label>
      {given.children}
      {given.hint && (
        <p class="hint" id={`${given.id}-hint`}>
          {given.hint}
        </p>
      )}
      {given.error && (
        <p class="error" id={`${given.id}-error`}>
          {given.error}
        </p>
      )}
    </div>
  );
}

function described({ hint, error }: About, id: string): string | undefined {
  const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
  return ids.length > 0 ? ids.join(' ') : undefined;
}

export function TextField(
  given: About & {
    value: string;
    onChange: (value: string) => void;
    type?: 'text' | 'url' | 'email' | 'number' | 'datetime-local';
    placeholder?: string;
    list?: string;
    required?: boolean;
    min?: number;
    max?: number;
    mono?: boolean;
    focus?: boolean;
    inputMode?: 'decimal' | 'numeric';
  },
): VNode {
  const id = useId();
  return (
    <Around {...given} id={id}>
      <input
        id={id}
        class={given.mono ? 'mono' : ''}
        type={given.type ?? 'text'}
        value={given.value}
        placeholder={given.placeholder}
        list={given.list}
        required={given.required ?? false}
        min={given.min}
        max={given.max}
        inputMode={given.inputMode}
        autoComplete="off"
        spellcheck={false}
        // biome-ignore lint/a11y/noAutofocus: the first field of a dialog that the person has just opened
        autoFocus={given.focus ?? false}
        aria-invalid={given.error !== undefined || undefined}
        aria-describedby={described(given, id)}
        onInput={(event) => given.onChange(event.currentTarget.value)}
      />
    </Around>
  );
}

export function TextArea(
  given: About & { value: string; onChange: (value: string) => void; rows?: number },
): VNode {
  const id = useId();
  return (
    <Around {...given} id={id}>
      <textarea
        id={id}
        class="mono"
        rows={given.rows ?? 5}
        value={given.value}
        spellcheck={false}
        aria-invalid={given.error !== undefined || undefined}
        aria-describedby={described(given, id)}
        onInput={(event) => given.onChange(event.currentTarget.value)}
      />
    </Around>
  );
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export function Select(
  given: About & { value: string; onChange: (value: string) => void; choices: readonly Choice[] },
): VNode {
  const id = useId();
  return (
    <Around {...given} id={id}>
      <Options {...given} id={id} described={described(given, id)} />
    </Around>
  );
}

/** A select whose label is for ears only, for the head of a list. */
export function Filter(given: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
}): VNode {
  const id = useId();
  return (
    <span class="filter">
      <label for={id}>{given.label}</label>
      <Options {...given} id={id} />
    </span>
  );
}

function Options(given: {
  id: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  described?: string | undefined;
}): VNode {
  return (
    <select
      id={given.id}
      value={given.value}
      aria-describedby={given.described}
      onChange={(event) => given.onChange(event.currentTarget.value)}
    >
      {given.choices.map(({ value, text }) => (
        <option key={value} value={value} selected={value === given.value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function Checkbox(given: {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ComponentChildren;
}): VNode {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={given.checked}
        aria-describedby={given.hint ? `${id}-hint` : undefined}
        onChange={(event) => given.onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{given.label}</label>
        {given.hint && (
          <p class="hint" id={`${id}-hint`}>
            {given.hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** A few choices side by side; radio buttons underneath, so the arrow keys work as everywhere. */
export function Segments(given: {
  legend: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  hint?: ComponentChildren;
}): VNode {
  return (
    <fieldset class="segments">
      <legend>{given.legend}</legend>
      <div class="segment-row">
        {given.choices.map(({ value, text }) => (
          <label key={value} class={value === given.value ? 'on' : ''}>
            <input
              type="radio"
              name={given.name}
              value={value}
              checked={value === given.value}
              onChange={() => given.onChange(value)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {given.hint && <p class="hint">{given.hint}</p>}
    </fieldset>
  );
}

/** A form that says beside its button what went wrong. */
export function Form(given: {
  submit: string;
  onSubmit: () => Promise<void>;
  disabled?: boolean;
  onCancel?: () => void;
  children: ComponentChildren;
}): VNode {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  async function run(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    await given.onSubmit().catch((error: unknown) => setFailure(explain(error)));
    setBusy(false);
  }
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy) void run();
  };
  return (
    <form class="form" onSubmit={submit}>
      {given.children}
      {failure !== undefined && (
        <p class="error" role="alert">
          {failure}
        </p>
      )}
      <div class="form-actions">
        {given.onCancel && (
          <Button kind="quiet" onClick={given.onCancel}>
            {words.value.cancel}
          </Button>
        )}
        <Button kind="primary" type="submit" busy={busy} disabled={busy || given.disabled === true}>
          {given.submit}
        </Button>
      </div>
    </form>
  );
}
