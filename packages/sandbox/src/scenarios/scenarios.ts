import { TaloConfigError } from '@talo/core';
import type { Scenario as View } from '../control/contract.ts';
import type { Engine } from '../engine.ts';
import { customerUrls } from '../state/customers.ts';
import { type Play, plays, type ScenarioName } from './plays.ts';
import { createStage } from './stage.ts';

export type { ScenarioName };

/** A scenario and how far it is. */
export type Scenario = View;

/** Combinations of faults and events with a name. */
export interface Scenarios {
  /**
   * Begins one. It goes on with the sandbox's time, and ends by itself; begun again, it begins anew.
   * @throws TaloConfigError for a scenario or parameter that does not exist, and where there is nobody to tell: neither a
   * `webhookUrl` nor an application's own nor a receiver. It does not run then, nor where beginning it fails
   */
  run(name: ScenarioName, parameters?: Readonly<Record<string, number | string>>): Scenario;
  /** Takes its faults away; what has happened stays. */
  stop(name: ScenarioName): Scenario;
  readonly list: readonly Scenario[];
}

interface Showing {
  readonly startedAt: number;
  readonly report: Map<string, number>;
  running: boolean;
  end(): void;
}

export function createScenarios(engine: Engine): Scenarios {
  const showings = new Map<string, Showing>();

  function find(name: string): Play {
    const play: Play | undefined = Object.entries<Play>(plays).find(([known]) => known === name)?.[1];
    if (play === undefined) {
      throw new TaloConfigError(`There is no scenario '${name}', only ${Object.keys(plays).join(', ')}.`);
    }
    return play;
  }

  function view(name: string): Scenario {
    const { title, doc, parameters } = find(name);
    const showing = showings.get(name);
    return {
      name,
      title,
      doc,
      parameters: Object.entries(parameters).map(([parameter, about]) => ({ name: parameter, ...about })),
      running: showing?.running ?? false,
      ...(showing && {
        startedAt: new Date(showing.startedAt).toISOString(),
        report: Object.fromEntries(showing.report),
      }),
    };
  }

  function stop(name: string): void {
    const showing = showings.get(name);
    if (showing?.running !== true) return;
    showing.running = false;
    showing.end();
    engine.history.signal({ type: 'changed', what: 'scenarios' });
  }

  engine.onReset(() => {
    for (const name of showings.keys()) stop(name);
    showings.clear();
  });

  return {
    run(name, given = {}) {
      const play = find(name);
      const values = withDefaults(name, play, given);
      const url = whereTo(engine, name, values['webhookUrl']);
      stop(name);
      const report = new Map<string, number>();
      const stage = createStage(engine, name, values, url, () => stop(name), report);
      showings.set(name, {
        startedAt: engine.clock.now(),
        report,
        running: true,
        end: stage.end,
      });
      try {
        engine.accepted(() => play.begin(stage));
      } catch (error) {
        stop(name); // or its faults would stay
        throw error;
      }
      engine.history.signal({ type: 'changed', what: 'scenarios' });
      return view(name);
    },
    stop(name) {
      find(name);
      stop(name);
      return view(name);
    },
    get list() {
      return Object.keys(plays).map(view);
    },
  };
}

/** Any address will do for a receiver in process. */
const IN_PROCESS = 'http://app.localhost/webhooks/talo';

/** Where the webhooks go: as it was told, as the application says of its own, or to the receiver. */
function whereTo(engine: Engine, name: string, told: number | string | undefined): string {
  if (told !== undefined && told !== '') return String(told);
  const own = customerUrls(engine.world).at(-1);
  if (own !== undefined) return own;
  if (engine.options.receiver !== undefined) return IN_PROCESS;
  throw new TaloConfigError(
    `Scenario ${name} is about an application, and none has said where its webhooks go: give webhookUrl, such as 'http://localhost:3000/webhooks/talo', or create a payment or a customer with one first.`,
  );
}

/** Enough for any test, and not so many that a typo stops the machine. */
const MOST = 100_000;

function withDefaults(
  name: string,
  { parameters }: Play,
  given: Readonly<Record<string, number | string>>,
): Record<string, number | string> {
  for (const [parameter, value] of Object.entries(given)) {
    const known = parameters[parameter];
    if (known === undefined) {
      throw new TaloConfigError(
        `Scenario ${name} has no '${parameter}', only ${Object.keys(parameters).join(', ')}.`,
      );
    }
    if (typeof known.default === 'number' && !(Number(value) >= 0 && Number(value) <= MOST)) {
      throw new TaloConfigError(
        `Scenario ${name}: ${parameter} is a number from 0 to ${MOST}; got ${value}.`,
      );
    }
    if (typeof known.default === 'string' && value !== '' && !URL.canParse(String(value))) {
      throw new TaloConfigError(`Scenario ${name}: ${parameter} is a URL.`);
    }
  }
  const defaults = Object.entries(parameters).map(([parameter, about]) => [parameter, about.default]);
  return { ...Object.fromEntries(defaults), ...given };
}
