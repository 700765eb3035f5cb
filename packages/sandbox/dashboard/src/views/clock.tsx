import { FastForward, Play, Snowflake } from 'lucide';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Clock, Duration } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { call } from '../lib/api.ts';
import { clockTime, day, stretch } from '../lib/format.ts';
import { language } from '../lib/preferences.ts';
import { now, refresh, showClock, status } from '../lib/sandbox.ts';
import { say } from '../lib/toasts.ts';
import { ActionButton } from '../ui/button.tsx';
import { Form, Select, TextField } from '../ui/form.tsx';
import { Heading, Panel } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';

const PRESETS: readonly Duration[] = [
  { minutes: 1 },
  { minutes: 10 },
  { hours: 1 },
  { hours: 6 },
  { days: 1 },
  { hours: 30 },
  { days: 7 },
];

const UNITS = ['minutes', 'hours', 'days', 'seconds'] as const;

const SIZES = { ms: 1, seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

function lengthOf(duration: Duration): number {
  const { ms = 0, seconds = 0, minutes = 0, hours = 0, days = 0 } = duration;
  return ms + seconds * SIZES.seconds + minutes * SIZES.minutes + hours * SIZES.hours + days * SIZES.days;
}

async function advance(body: Duration): Promise<void> {
  showClock(await call('POST /clock/advance', { body }));
  void refresh();
  const { clock } = words.peek();
  say('good', clock.advanced(stretch(lengthOf(body))));
}

export function ClockView(): VNode {
  const { clock: text } = words.value;
  const clock = status.value?.clock;
  return (
    <>
      <Heading title={text.title} lead={text.lead} />
      {clock && (
        <div class="split even">
          <div class="stack">
            <Face clock={clock} />
            <NextTimer clock={clock} />
          </div>
          <Advance />
        </div>
      )}
    </>
  );
}

function Face({ clock }: { clock: Clock }): VNode {
  const { clock: text } = words.value;
  const at = new Date(now.value).toISOString();
  const frozen = clock.mode === 'frozen';
  async function freeze(): Promise<void> {
    showClock(await call('POST /clock/freeze'));
    say('good', text.frozenDone);
  }
  async function run(): Promise<void> {
    showClock(await call('POST /clock/run'));
    say('good', text.runDone);
  }
  return (
    <Panel title={text.now} hint={text.zone}>
      <p class="clock-face num">
        <time dateTime={at}>{clockTime(at)}</time>
      </p>
      <p class="clock-day">
        {day(at, language.value)} · {text.mode[clock.mode]}
        {!frozen && ` · ${ahead(clock.aheadMs)}`}
      </p>
      <p class="hint">{frozen ? text.frozenHint : text.realHint}</p>
      <div class="actions wrap">
        {frozen ? (
          <ActionButton kind="primary" icon={Play} act={run}>
            {text.run}
          </ActionButton>
        ) : (
          <ActionButton kind="primary" icon={Snowflake} act={freeze}>
            {text.freeze}
          </ActionButton>
        )}
      </div>
    </Panel>
  );
}

function ahead(ms: number): string {
  const { clock: text } = words.value;
  if (Math.abs(ms) < 1000) return text.same;
  return (ms > 0 ? text.ahead : text.behind)(stretch(ms));
}

function NextTimer({ clock: { nextTimerAt } }: { clock: Clock }): VNode {
  const { clock: text } = words.value;
  if (nextTimerAt === undefined) {
    return (
      <Panel title={text.nextTimer}>
        <p class="hint">{text.noTimer}</p>
      </Panel>
    );
  }
  const left = Math.max(0, Date.parse(nextTimerAt) - now.value);
  return (
    <Panel title={text.nextTimer}>
      <p>
        <Time at={nextTimerAt} long /> <span class="faint">{text.nextIn(stretch(left))}</span>
      </p>
      <div class="actions wrap">
        <ActionButton icon={FastForward} act={() => advance({ ms: Math.ceil(left) })}>
          {text.toNext}
        </ActionButton>
      </div>
    </Panel>
  );
}

function Advance(): VNode {
  const { clock: text } = words.value;
  const [amount, setAmount] = useState('2');
  const [unit, setUnit] = useState<(typeof UNITS)[number]>('hours');
  return (
    <Panel title={text.advance} hint={text.advanceHint}>
      <div class="actions wrap presets">
        {PRESETS.map((preset) => (
          <ActionButton key={JSON.stringify(preset)} act={() => advance(preset)}>
            {text.by(label(preset))}
          </ActionButton>
        ))}
      </div>
      <h3>{text.custom}</h3>
      <Form
        submit={text.advance}
        onSubmit={() => advance({ [unit]: Number(amount) })}
        disabled={Number(amount) <= 0}
      >
        <div class="pair">
          <TextField label={text.amount} type="number" min={1} value={amount} onChange={setAmount} required />
          <Select
            label={text.unit}
            value={unit}
            onChange={(value) => setUnit(UNITS.find((each) => each === value) ?? 'hours')}
            choices={UNITS.map((value) => ({ value, text: text.units[value] }))}
          />
        </div>
      </Form>
    </Panel>
  );
}

/** Thirty hours are said so, because that is what an account's expiry is set in. */
function label(duration: Duration): string {
  return duration.hours === undefined ? stretch(lengthOf(duration)) : `${duration.hours} h`;
}
