import { SearchX } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import type { Page } from '../../../src/control/contract.ts';
import { words } from '../i18n/index.ts';
import { shorten } from '../lib/format.ts';
import type { Loaded } from '../lib/load.ts';
import { place, refine } from '../lib/router.ts';
import { Button } from '../ui/button.tsx';
import { type Choice, Filter } from '../ui/form.tsx';
import { Empty, Showing } from '../ui/panel.tsx';
import { type Column, Pager, SearchField, Table } from '../ui/table.tsx';
import { isAsked } from './list-query.ts';

/** A list with its search, filters and pages. `empty` is what stands there when there is nothing at all. */
export function List<T>(given: {
  of: Loaded<Page<T>>;
  caption: string;
  hint: string;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  empty: VNode;
  filters?: ComponentChildren;
}): VNode {
  const { nothingFound, nothingFoundNext, clear } = words.value;
  const { userId } = place.value.query;
  return (
    <div class="list">
      <div class="list-head">
        <SearchField hint={given.hint} />
        {given.filters}
        {userId !== undefined && <OneMerchant userId={userId} />}
      </div>
      <Showing of={given.of}>
        {(page) => {
          if (page.items.length === 0 && !isAsked()) return given.empty;
          if (page.items.length === 0) {
            return (
              <Empty icon={SearchX} title={nothingFound} next={nothingFoundNext}>
                <Button onClick={() => forget()}>{clear}</Button>
              </Empty>
            );
          }
          return (
            <>
              <Table
                caption={given.caption}
                columns={given.columns}
                rows={page.items}
                keyOf={given.keyOf}
                busy={given.of.loading}
              />
              <Pager page={page} />
            </>
          );
        }}
      </Showing>
    </div>
  );
}

function OneMerchant({ userId }: { userId: string }): VNode {
  const { ofMerchant } = words.value;
  return (
    <Button
      small
      kind="quiet"
      onClick={() => refine({ userId: undefined, cursor: undefined, trail: undefined })}
    >
      {ofMerchant(shorten(userId))} ×
    </Button>
  );
}

function forget(): void {
  const cleared = Object.keys(place.peek().query).map((name) => [name, undefined] as const);
  refine(Object.fromEntries(cleared));
}

/** A filter that stands in the address. */
export function AddressFilter({
  name,
  label,
  choices,
}: {
  name: string;
  label: string;
  choices: Choice[];
}): VNode {
  return (
    <Filter
      label={label}
      value={place.value.query[name] ?? ''}
      onChange={(value) => refine({ [name]: value || undefined, cursor: undefined, trail: undefined })}
      choices={[{ value: '', text: words.value.all }, ...choices]}
    />
  );
}
