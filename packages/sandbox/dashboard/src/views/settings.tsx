import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { DeliverySettings, Settings, SettingsChange } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call, read } from '../lib/api.ts';
import { changes } from '../lib/concerns.ts';
import { stretch } from '../lib/format.ts';
import { useLoaded } from '../lib/load.ts';
import { choose, language, shortcuts, type Theme, theme } from '../lib/preferences.ts';
import { say } from '../lib/toasts.ts';
import { Checkbox, Form, Segments, Select, TextField } from '../ui/form.tsx';
import { Facts, Heading, Panel, Showing } from '../ui/panel.tsx';
import { Data } from './data.tsx';
import { Oddities } from './oddities.tsx';

export function SettingsView(): VNode {
  const { settings: text } = words.value;
  const settings = useLoaded('settings', (signal) => read(signal, 'GET /settings'), changes('settings'));
  async function change(body: SettingsChange): Promise<void> {
    await call('PATCH /settings', { body });
    settings.reload();
    say('good', words.peek().saved);
  }
  return (
    <>
      <Heading title={text.title} lead={text.lead} />
      <div class="split">
        <div class="stack">
          <Showing of={settings}>
            {({ oddities }) => (
              <Oddities
                oddities={oddities}
                onChange={(name, value) => change({ oddities: { [name]: value } })}
              />
            )}
          </Showing>
        </div>
        <div class="stack">
          <Showing of={settings}>
            {(shown) => <Delivery key={JSON.stringify(shown.delivery)} settings={shown} onChange={change} />}
          </Showing>
          <Data />
          <Interface />
        </div>
      </div>
    </>
  );
}

const OWN = 'own';

function Delivery(given: { settings: Settings; onChange: (body: SettingsChange) => Promise<void> }): VNode {
  const { settings: text, save } = words.value;
  const { delivery, retryPresets, activationDelayMs } = given.settings;
  const [retry, setRetry] = useState(typeof delivery.retry === 'string' ? delivery.retry : OWN);
  const [timing, setTiming] = useState<DeliverySettings['timing']>(delivery.timing);
  const [reverse, setReverse] = useState(delivery.reverse);
  const [typed, setTyped] = useState({
    timeoutMs: String(delivery.timeoutMs),
    delayMs: String(delivery.delayMs),
    duplicate: String(delivery.duplicate),
    dropEvery: String(delivery.dropEvery),
    activation: String(activationDelayMs),
  });
  const number = (name: keyof typeof typed, label: string, hint?: string): VNode => (
    <TextField
      label={label}
      hint={hint}
      type="number"
      min={0}
      value={typed[name]}
      onChange={(value) => setTyped({ ...typed, [name]: value })}
      required
    />
  );
  async function apply(): Promise<void> {
    await given.onChange({
      delivery: {
        ...(retry !== OWN && { retry }),
        timeoutMs: Number(typed.timeoutMs),
        delayMs: Number(typed.delayMs),
        duplicate: Number(typed.duplicate),
        dropEvery: Number(typed.dropEvery),
        reverse,
        timing,
      },
      activationDelayMs: Number(typed.activation),
    });
  }
  const presets = Object.keys(retryPresets).map((value) => ({ value, text: value }));
  return (
    <Panel title={text.delivery}>
      <Form submit={save} onSubmit={apply}>
        <Select
          label={text.retry}
          hint={text.retryHint}
          value={retry}
          onChange={setRetry}
          choices={retry === OWN ? [...presets, { value: OWN, text: text.retryOwn }] : presets}
        />
        <div class="pair">
          {number('timeoutMs', text.timeout, readable(typed.timeoutMs))}
          {number('delayMs', text.delay, readable(typed.delayMs))}
        </div>
        <div class="pair">
          {number('duplicate', text.duplicate)}
          {number('dropEvery', text.dropEvery, text.dropEveryHint)}
        </div>
        <Select
          label={text.timing}
          hint={text.timingHint}
          value={timing}
          onChange={(value) => setTiming(value === 'before-response' ? 'before-response' : 'after-response')}
          choices={(['after-response', 'before-response'] as const).map((value) => ({
            value,
            text: text.timings[value],
          }))}
        />
        <Checkbox label={text.reverse} checked={reverse} onChange={setReverse} />
        {number('activation', text.activation, readable(typed.activation))}
        <Facts of={[[text.allowRemote, delivery.allowRemote ? text.allowRemoteOn : text.allowRemoteOff]]} />
      </Form>
    </Panel>
  );
}

/** What so many milliseconds are, where that is not plain to see. */
function readable(ms: string): string | undefined {
  return Number(ms) >= 1000 ? stretch(Number(ms)) : undefined;
}

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function Interface(): VNode {
  const { settings: text, top, shortcuts: keys } = words.value;
  return (
    <Panel title={text.interface} class="form">
      <Segments
        legend={top.language}
        name="language"
        value={language.value}
        onChange={(value) => choose('language', value === 'en' ? 'en' : 'es')}
        choices={[
          { value: 'es', text: 'Español' },
          { value: 'en', text: 'English' },
        ]}
      />
      <Segments
        legend={top.theme}
        name="theme"
        value={theme.value}
        onChange={(value) => choose('theme', THEMES.find((each) => each === value) ?? 'auto')}
        choices={THEMES.map((value) => ({ value, text: top.themes[value] }))}
      />
      <Checkbox
        label={keys.enabled}
        hint={keys.enabledHint}
        checked={shortcuts.value}
        onChange={(on) => choose('shortcuts', on ? 'on' : 'off')}
      />
    </Panel>
  );
}
