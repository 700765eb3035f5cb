import { TaloApiError } from '../../errors/errors.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { keyOf, type Place } from '../resource.ts';

/**
 * By which id a resource that was found is kept: the one it calls itself, whatever it was found by, because what is
 * credited and taken back goes by that. Where that leads nowhere yet, it is the one that led to it first, for ever: of
 * two keys each would tell of the same money.
 * @param known whether it is kept by the id that it was found by
 * @param nameOf reads what the resource of an id calls itself
 */
export async function keptAs(
  place: Place,
  named: string,
  known: boolean,
  nameOf: (id: string) => Promise<string>,
  inbox: Pick<Inbox, 'state' | 'recall' | 'remember'>,
): Promise<string> {
  const { id } = place.resource;
  if (known || named === '') return id;
  const itself = keyOf({ ...place, resource: { ...place.resource, id: named } });
  const first = await inbox.recall(foundAs(itself));
  if (first !== undefined) return first;
  if (named === id || (await inbox.state(itself)) !== undefined) return named;
  if ((await unlessMissing(nameOf(named))) === named) return named;
  await inbox.remember([{ key: foundAs(itself), value: id }]);
  return id;
}

/** Where it is remembered by which id a resource was found that cannot be read by its own. */
function foundAs(key: string): string {
  return JSON.stringify(['found-as', key]);
}

async function unlessMissing(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TaloApiError && error.status === 404) return undefined;
    throw error;
  }
}
