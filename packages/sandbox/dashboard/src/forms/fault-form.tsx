import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiFault, Fault, WebhookFault } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { Form, Segments, Select, TextField } from '../ui/form.tsx';

type ApiEffect = NonNullable<ApiFault['effect']>;
type WebhookEffect = NonNullable<WebhookFault['effect']>;
type Kind = NonNullable<NonNullable<WebhookFault['match']>['kind']>;

const API_EFFECTS = [
  'status',
  'delay',
  'reset',
  'lose-response',
  'stall-body',
  'truncate',
  'html',
  'expire-token',
  'stale-read',
  'not-readable',
] as const satisfies readonly (ApiEffect | 'status' | 'delay')[];
const WEBHOOK_EFFECTS = ['drop', 'delay', 'duplicate', 'reorder', 'slow-answer'] as const satisfies readonly (
  | WebhookEffect
  | 'delay'
)[];
const KINDS: readonly Kind[] = ['payment', 'customer', 'account'];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH'];

/** What was typed; empty for what was not. */
const BLANK = {
  status: '503',
  delay: '2000',
  jitter: '',
  copies: '1',
  method: '',
  route: '',
  kind: '',
  resource: '',
  percent: '100',
  times: '',
};

export function FaultForm({ onAdd }: { onAdd: (fault: Fault) => Promise<void> }): VNode {
  const { faults: text } = words.value;
  const [side, setSide] = useState<'api' | 'webhook'>('api');
  const [effect, setEffect] = useState<string>('status');
  const [typed, setTyped] = useState(BLANK);
  const set = (name: keyof typeof BLANK) => (value: string) => setTyped({ ...typed, [name]: value });
  const effects = side === 'api' ? API_EFFECTS : WEBHOOK_EFFECTS;
  const delayed = effect === 'delay' || effect === 'slow-answer';

  return (
    <Form
      submit={text.add}
      onSubmit={() => onAdd(side === 'api' ? apiFault(effect, typed) : webhookFault(effect, typed))}
    >
      <Segments
        legend={text.side}
        name="fault-side"
        value={side}
        onChange={(value) => {
          setSide(value === 'webhook' ? 'webhook' : 'api');
          setEffect(value === 'webhook' ? 'drop' : 'status');
        }}
        choices={[
          { value: 'api', text: text.sides.api },
          { value: 'webhook', text: text.sides.webhook },
        ]}
      />
      <div class="pair">
        <Select
          label={text.effect}
          value={effect}
          onChange={setEffect}
          choices={effects.map((value) => ({ value, text: text.effects[value] }))}
        />
        {effect === 'status' && (
          <TextField
            label={text.statusCode}
            type="number"
            min={200}
            max={599}
            value={typed.status}
            onChange={set('status')}
            required
          />
        )}
        {effect === 'duplicate' && (
          <TextField
            label={text.copies}
            type="number"
            min={1}
            max={100}
            value={typed.copies}
            onChange={set('copies')}
          />
        )}
        {delayed && (
          <TextField
            label={text.delay}
            type="number"
            min={1}
            value={typed.delay}
            onChange={set('delay')}
            required
          />
        )}
        {effect === 'delay' && (
          <TextField
            label={text.jitter}
            type="number"
            min={0}
            value={typed.jitter}
            onChange={set('jitter')}
            optional
          />
        )}
      </div>
      <div class="pair">
        {side === 'api' ? (
          <>
            <Select
              label={text.method}
              value={typed.method}
              onChange={set('method')}
              choices={[
                { value: '', text: text.anyMethod },
                ...METHODS.map((value) => ({ value, text: value })),
              ]}
            />
            <TextField
              label={text.route}
              optional
              hint={text.routeHint}
              value={typed.route}
              onChange={set('route')}
              mono
            />
          </>
        ) : (
          <Select
            label={text.kind}
            value={typed.kind}
            onChange={set('kind')}
            choices={[
              { value: '', text: text.anyKind },
              ...KINDS.map((value) => ({ value, text: text.kinds[value] })),
            ]}
          />
        )}
        <TextField
          label={text.resource}
          optional
          hint={text.resourceHint}
          value={typed.resource}
          onChange={set('resource')}
          mono
        />
      </div>
      <div class="pair">
        <TextField
          label={text.times}
          optional
          type="number"
          min={1}
          hint={text.timesHint}
          value={typed.times}
          onChange={set('times')}
        />
        <TextField
          label={text.probability}
          type="number"
          min={1}
          max={100}
          value={typed.percent}
          onChange={set('percent')}
        />
      </div>
    </Form>
  );
}

type Typed = typeof BLANK;

function often({ percent, resource, times }: Typed) {
  return {
    match: {
      ...(resource !== '' && { resource }),
      ...(percent !== '' && percent !== '100' && { probability: Number(percent) / 100 }),
    },
    ...(times !== '' && { times: Number(times) }),
  };
}

function slowness({ delay, jitter }: Typed) {
  return { delayMs: Number(delay), ...(jitter !== '' && { jitterMs: Number(jitter) }) };
}

/** The rule that the fields describe. */
export function apiFault(effect: string, typed: Typed): ApiFault {
  const { match, ...rest } = often(typed);
  const known = API_EFFECTS.find((each) => each === effect);
  return {
    match: {
      ...match,
      ...(typed.method !== '' && { method: typed.method }),
      ...(typed.route !== '' && { route: typed.route }),
    },
    ...rest,
    ...(known === 'status' && { status: Number(typed.status) }),
    ...(known === 'delay' && slowness(typed)),
    ...(known !== undefined && known !== 'status' && known !== 'delay' && { effect: known }),
  };
}

export function webhookFault(effect: string, typed: Typed): WebhookFault {
  const { match, ...rest } = often(typed);
  const kind = KINDS.find((each) => each === typed.kind);
  const known = WEBHOOK_EFFECTS.find((each) => each === effect);
  return {
    side: 'webhook',
    match: { ...match, ...(kind !== undefined && { kind }) },
    ...rest,
    ...(known === 'delay' && slowness(typed)),
    ...(known === 'slow-answer' && { delayMs: Number(typed.delay) }),
    ...(known === 'duplicate' && { copies: Number(typed.copies) }),
    ...(known !== undefined && known !== 'delay' && { effect: known }),
  };
}
