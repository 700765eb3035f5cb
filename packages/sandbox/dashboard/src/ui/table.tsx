import { ChevronLeft, ChevronRight, Search, X } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { Page } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { count } from '../lib/format.ts';
import { language } from '../lib/preferences.ts';
import { go, place, refine, to } from '../lib/router.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Right-aligned, with figures of one width. */
  readonly number?: boolean;
  /** Not on a phone; nor where the table has less than 700 pixels; nor with less than 940. */
  readonly room?: 'wide' | 'mid' | 'late';
  /** The cell that names the row. */
  readonly head?: boolean;
  /** The column's name is for ears only. */
  readonly silent?: boolean;
  /** Stands where the name would. */
  readonly heading?: VNode;
}

export function Table<T>(given: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  busy?: boolean;
}): VNode {
  return (
    <div class="table-wrap">
      <table aria-busy={given.busy || undefined}>
        <caption class="hidden">{given.caption}</caption>
        <thead>
          <tr>
            {given.columns.map((column) => (
              <th key={column.name} scope="col" class={looks(column)}>
                {column.heading ?? (column.silent ? <span class="hidden">{column.name}</span> : column.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {given.rows.map((row) => (
            <tr key={given.keyOf(row)}>
              {given.columns.map((column) =>
                column.head ? (
                  <th key={column.name} scope="row" class={looks(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.name} class={looks(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function looks<T>({ number, room }: Column<T>): string {
  return [number && 'num right', room].filter(Boolean).join(' ');
}

/** How many rows a list shows at once, whatever it holds. */
export const PAGE_SIZE = 50;

/** Nothing that percent-encoding gives. */
const FIRST = '^';

/**
 * The pages of a list: where it is stands in the address (`cursor`), and the way back in `trail`, so that the browser's
 * own buttons work and ten thousand rows cost as much as fifty.
 */
export function Pager<T>({ page }: { page: Page<T> }): VNode | null {
  const { parts, query } = place.value;
  const trail = query['trail'] === undefined ? [] : query['trail'].split(',');
  const from = trail.length * PAGE_SIZE;
  const { previous, next, pages, page: said } = words.value;
  if (page.next === undefined && trail.length === 0 && page.total <= page.items.length) return null;
  const number = (value: number): string => count(value, language.value);
  const turn = (cursor: string | undefined, way: readonly string[]): void =>
    go(to(parts, { ...query, cursor, trail: way.join(',') || undefined }));
  return (
    <nav class="pager" aria-label={pages}>
      <Button
        small
        icon={ChevronLeft}
        disabled={trail.length === 0}
        onClick={() => turn(cursorOf(trail.at(-1)), trail.slice(0, -1))}
      >
        {previous}
      </Button>
      <span class="num" role="status">
        {said(number(from + 1), number(from + page.items.length), number(page.total))}
      </span>
      <Button
        small
        icon={ChevronRight}
        disabled={page.next === undefined}
        onClick={() => turn(page.next, [...trail, stepOf(query['cursor'])])}
      >
        {next}
      </Button>
    </nav>
  );
}

/** A page on the way, so that commas part them; the first one has no cursor. */
function stepOf(cursor: string | undefined): string {
  return cursor === undefined ? FIRST : encodeURIComponent(cursor);
}

function cursorOf(step: string | undefined): string | undefined {
  return step === undefined || step === FIRST ? undefined : decodeURIComponent(step);
}

/** The question of a list, in the address as `q`. Asks when typing pauses. */
export function SearchField({ hint }: { hint: string }): VNode {
  const id = useId();
  const asked = place.value.query['q'] ?? '';
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  // also where it was typed, but not asked yet
  const forget = (): void => {
    setTyped('');
    ask('');
  };
  useEffect(() => {
    if (typed === asked) return undefined;
    const timer = setTimeout(() => ask(typed), 200);
    return () => clearTimeout(timer);
  }, [typed, asked]);
  return (
    <search class="search">
      <label for={id} class="hidden">
        {words.value.search}: {hint}
      </label>
      <Icon of={Search} />
      <input
        id={id}
        type="text"
        data-search
        value={typed}
        placeholder={hint}
        autoComplete="off"
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            forget();
            event.currentTarget.blur();
          }
        }}
      />
      {typed !== '' && (
        <Button kind="quiet" small icon={X} label={words.value.clearSearch} onClick={forget} />
      )}
    </search>
  );
}

function ask(q: string): void {
  refine({ q: q || undefined, cursor: undefined, trail: undefined });
}
