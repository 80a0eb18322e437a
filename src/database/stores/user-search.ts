import { sql } from 'kysely';
import type { User, UserStore } from '../../users/store.ts';
import { mapUsername } from '../../users/username.ts';
import { isBehind } from './keyset.ts';
import type { Database } from '../schema.ts';
import { userOf } from './user-row.ts';

export async function listUsers(
  db: Database,
  { after, limit, search }: Parameters<UserStore['listUsers']>[0],
): Promise<User[]> {
  const ordered = db
    .selectFrom('users')
    .selectAll()
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id');
  let query = ordered.where(isBehind(after)).limit(limit);
  if (search !== undefined) {
    // No name has a NUL in it, and LIKE would end there.
    if (search.includes('\0')) return [];
    query = query.where(hasText(search));
  }
  return (await query.execute()).map(userOf);
}

/** Usernames are compared as ever; of display names, which are as their users wrote them, ASCII letters in any case. */
function hasText(search: string) {
  const ofUsername = sql<boolean>`username_key like ${patternOf(mapUsername(search))} escape '\\'`;
  // In lower case here, where it does not follow the language of a database.
  const inLowerCase = patternOf(search).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const ofName = sql<boolean>`lower(name) like ${inLowerCase} escape '\\'`;
  return sql<boolean>`(${ofUsername} or ${ofName})`;
}

/** `%`, `_` and the escape itself stand for nothing but themselves. */
function patternOf(text: string): string {
  return `%${text.replaceAll(/[%_\\]/g, '\\$&')}%`;
}
