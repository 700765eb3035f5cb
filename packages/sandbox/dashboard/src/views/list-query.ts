import { place } from '../lib/router.ts';
import { PAGE_SIZE } from '../ui/table.tsx';

/** The part of a list's question that every list has, from the address. */
export function listQuery(): { limit: number; q?: string; cursor?: string; userId?: string } {
  const { q, cursor, userId } = place.value.query;
  return {
    limit: PAGE_SIZE,
    ...(q !== undefined && { q }),
    ...(cursor !== undefined && { cursor }),
    ...(userId !== undefined && { userId }),
  };
}

/** Something was asked, so an empty list means that nothing met it. */
export function isAsked(): boolean {
  const { cursor: _cursor, trail: _trail, ...asked } = place.value.query;
  return Object.keys(asked).length > 0;
}

/** Changes with what is asked. */
export function askedKey(): string {
  return JSON.stringify(place.value.query);
}
