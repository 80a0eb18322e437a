import { type Role, type User, isRole } from '../../users/store.ts';
import type { UserRow } from '../schema.ts';

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    usernameKey: row.username_key,
    name: row.name,
    passwordHash: row.password_hash,
    roles: rolesOf(row.roles),
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function userRowOf(user: User): UserRow {
  return {
    id: user.id,
    username: user.username,
    username_key: user.usernameKey,
    name: user.name,
    password_hash: user.passwordHash,
    roles: JSON.stringify(user.roles),
    disabled_at: user.disabledAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

/** A role that this version does not know grants nothing. */
function rolesOf(json: string): Role[] {
  const names: unknown = JSON.parse(json);
  return Array.isArray(names) ? names.filter(isRole) : [];
}
