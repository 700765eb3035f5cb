import { availableParallelism, loadavg } from 'node:os';

// How every measurement says what it found: its setting, tables, targets, and what must hold. Text, or JSON.
export type Cell = string | number;

interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

type Judgement = 'met' | 'missed' | 'not judged';

interface Target {
  readonly what: string;
  readonly judgement: Judgement;
  readonly found: string;
}

interface Must {
  readonly what: string;
  readonly held: boolean;
  readonly found: string;
}

const SAID: Readonly<Record<Judgement, string>> = {
  met: 'target met          ',
  missed: 'target MISSED       ',
  // the control of the same run missed it too
  'not judged': 'target not judged   ',
};

/**
 * Collects what a run found and prints it at the end. A missed target is printed and no more: how fast a machine is, is
 * not right or wrong. What must hold and does not, such as lost money, makes the command fail.
 */
export class Report {
  readonly #name: string;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #tables: Table[] = [];
  readonly #targets: Target[] = [];
  readonly #musts: Must[] = [];
  readonly #started = performance.now();

  constructor(name: string, settings: Readonly<Record<string, unknown>>) {
    this.#name = name;
    this.#settings = {
      node: process.versions.node,
      date: new Date().toISOString(),
      cores: availableParallelism(),
      // who else was at work
      'load average before': loadavg()[0]?.toFixed(2),
      ...settings,
    };
  }

  table(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
    this.#tables.push({ title, columns, rows });
  }

  /**
   * @param judged `false` where the control shows that the machine itself did not allow it in this run: then nothing can
   * be said of us
   */
  target(what: string, held: boolean, found: string, judged = true): void {
    const judgement = held ? 'met' : judged ? 'missed' : 'not judged';
    this.#targets.push({ what, judgement, found });
  }

  must(what: string, held: boolean, found: string): void {
    this.#musts.push({ what, held, found });
  }

  /** Prints everything and sets the exit code. */
  end({ json }: { readonly json: boolean }): void {
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    const ok = this.#musts.every(({ held }) => held);
    if (json) {
      const { tables, targets, musts } = {
        tables: this.#tables.map(({ title, columns, rows }) => ({
          title,
          rows: rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
        })),
        targets: this.#targets,
        musts: this.#musts,
      };
      const settings = { ...this.#settings, seconds };
      console.log(JSON.stringify({ name: this.#name, settings, tables, targets, musts, ok }, null, 2));
    } else {
      console.log(`${this.#name}\n`);
      const settings = Object.entries({ ...this.#settings, seconds });
      console.log(settings.map(([name, value]) => `${name} ${String(value)}`).join(', '));
      for (const table of this.#tables) print(table);
      console.log('');
      for (const { what, judgement, found } of this.#targets) {
        console.log(`${SAID[judgement]}  ${what}: ${found}`);
      }
      for (const { what, held, found } of this.#musts) {
        console.log(`${held ? 'held                ' : 'BROKEN              '}  ${what}: ${found}`);
      }
    }
    if (!ok) process.exitCode = 1;
  }
}

function print({ title, columns, rows }: Table): void {
  const texts = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, i) => Math.max(...texts.map((row) => (row[i] ?? '').length)));
  console.log(`\n${title}\n`);
  for (const row of texts) {
    const cells = widths.map((width, i) => {
      const cell = row[i] ?? '';
      return i === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(cells.join('  '));
  }
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell)) return String(cell);
  return cell.toFixed(Math.abs(cell) < 10 ? 2 : Math.abs(cell) < 100 ? 1 : 0);
}
