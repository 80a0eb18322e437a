import { toRfc3339 } from '../clock.ts';
import type { User } from '../users/store.ts';

/** The one place that says what of an account leaves the server, for its user. */
export function viewUser(user: User) {
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    roles: [...user.roles],
    created_at: toRfc3339(user.createdAt),
    updated_at: toRfc3339(user.updatedAt),
  };
}

/** The one place that says what of an account leaves the server for others than its user. */
export function viewAccount(user: User) {
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    roles: [...user.roles],
    disabled: user.disabledAt !== null,
    disabled_at: user.disabledAt === null ? null : toRfc3339(user.disabledAt),
    created_at: toRfc3339(user.createdAt),
    updated_at: toRfc3339(user.updatedAt),
  };
}
