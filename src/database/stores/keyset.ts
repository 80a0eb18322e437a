import { type RawBuilder, sql } from 'kysely';

/** Where a row stands among the others: lists are in the order of age, and of id among those of one second. */
type Position = { readonly createdAt: number; readonly id: string };

/**
 * Whether a row stands behind `after`; every row does behind null. The row that stood there may have been deleted, since
 * nobody looks for it.
 */
export function isBehind(after: Position | null): RawBuilder<boolean> {
  if (after === null) return sql<boolean>`true`;
  return sql<boolean>`(created_at, id) > (${after.createdAt}, ${after.id})`;
}
