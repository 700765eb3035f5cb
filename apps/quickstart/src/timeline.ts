import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const COLUMN = 17;

/** Prints what happens as it happens, and remembers what did not hold. */
export class Timeline {
  readonly failures: string[] = [];
  /** Who asks Talo at this moment. */
  caller: 'you' | 'stranger' = 'you';
  readonly #started = performance.now();
  readonly #write: (line: string) => void;
  readonly #colour: boolean;
  #steps = 0;

  constructor(write: (line: string) => void, colour: boolean) {
    this.#write = write;
    this.#colour = colour;
  }

  title(text: string): void {
    this.#write(`\n${this.#paint('bold', text)}`);
  }

  /** A chapter of the story. */
  step(text: string): void {
    this.#steps++;
    this.#write(`\n${this.#paint(['bold', 'cyan'], `${this.#steps}. ${text}`)}`);
  }

  /** Something that went from one party to another, with what came of it. */
  moved(from: string, to: string, what: string, result = ''): void {
    const at = `${((performance.now() - this.#started) / 1000).toFixed(3)} s`;
    const parties = `${from} → ${to}`.padEnd(COLUMN);
    this.#write(`   ${this.#paint('dim', at)}  ${parties}${what}  ${this.#paint('dim', result)}`);
  }

  say(text: string): void {
    this.#write(`            ${text}`);
  }

  /** A promise of the story: printed either way, and remembered if it is broken. */
  hold(promise: string, kept: boolean, seen?: unknown): void {
    if (kept) {
      this.#write(`            ${this.#paint('green', '✓')} ${promise}`);
      return;
    }
    this.failures.push(promise);
    const what = seen === undefined ? '' : ` (saw ${JSON.stringify(seen)})`;
    this.#write(`            ${this.#paint('red', `✗ ${promise}${what}`)}`);
  }

  #paint(style: Style, text: string): string {
    return this.#colour ? styleText(style, text) : text;
  }
}
