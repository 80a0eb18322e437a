import type { EventType } from '../../audit/event.ts';
import type { Administration, MayTouch, User, UserStore } from '../../users/store.ts';
import { recordEvents } from './audit-store.ts';
import type { Database, UserRow } from '../schema.ts';
import { emptyUser, removeSomeOfUser, removedAtOnce } from './removals.ts';
import { endSessionsOfUser } from './session-ends.ts';
import { lockTurn } from '../turns.ts';
import { userOf } from './user-row.ts';
import { inTransaction } from '../transaction.ts';

/**
 * What others do to an account, or its user. Everything is judged by the account as it is within the transaction. Where an
 * administrator is at stake, two at once are one after the other, whichever accounts they are for: else two administrators
 * could each take the other for the one who stays. Nobody else's account waits for anything but itself, so that no user can
 * keep administrators from what they do.
 */
export function userAdministration(db: Database): Pick<UserStore, 'administerUser' | 'endSessionsOf' | 'deleteUser'> {
  return {
    administerUser: (id, changes, occasion, mayTouch) =>
      onUser(db, id, { mayTouch, concernsAdministrators: concernsAdministratorsBy(changes) }, async (trx, user) => {
        const after = administered(user, changes, occasion.at);
        if (isAdministrator(user) && !isAdministrator(after) && !(await hasOtherAdministrator(trx, id)))
          return 'last-administrator';
        // Also where it was disabled before, by a version that left its sessions for when it would be enabled.
        if (changes.disabled !== undefined && (after.disabledAt !== null || user.disabledAt !== null))
          await endSessionsOfUser(trx, id, { ...occasion, detail: 'account disabled' });
        const events = eventsOf(user, after);
        if (events.length === 0) return user;
        await trx.updateTable('users').set(columnsOf(after, changes)).where('id', '=', id).execute();
        for (const [type, detail] of events) await recordEvents(trx, type, [id], { ...occasion, detail });
        return after;
      }),

    endSessionsOf: (id, occasion, mayTouch) =>
      onUser(db, id, { mayTouch, concernsAdministrators: () => false }, async (trx) => {
        await endSessionsOfUser(trx, id, occasion);
        return 'ended' as const;
      }),

    deleteUser: (id, occasion, mayTouch) =>
      onUser(db, id, { mayTouch, concernsAdministrators: isNamedAdministrator }, async (trx, user) => {
        if (isAdministrator(user) && !(await hasOtherAdministrator(trx, id))) return 'last-administrator';
        await emptyUser(trx, id, occasion.at);
        await removeSomeOfUser(trx, id, removedAtOnce);
        await recordEvents(trx, 'user.deleted', [id], occasion);
        return 'deleted';
      }),
  };
}

type Touch = {
  readonly mayTouch: MayTouch | undefined;
  /** Whether the change of this account needs that no other administrator changes meanwhile. */
  readonly concernsAdministrators: (user: User) => boolean;
};

/** Undefined when there is no such account. */
async function onUser<T>(
  db: Database,
  id: string,
  { mayTouch = () => true, concernsAdministrators }: Touch,
  change: (trx: Database, user: User) => Promise<T>,
): Promise<T | 'out-of-bounds' | undefined> {
  try {
    return await inTransaction(db, (trx) => touch(trx, false));
  } catch (error) {
    if (!(error instanceof NeedsLock)) throw error;
    return inTransaction(db, (trx) => touch(trx, true));
  }

  async function touch(trx: Database, holdsLock: boolean): Promise<T | 'out-of-bounds' | undefined> {
    // Before the account, as everybody does who takes both.
    if (holdsLock) await lockTurn(trx, 'administration');
    const row = await lockUser(trx, id);
    if (row === undefined) return undefined;
    const user = userOf(row);
    if (!mayTouch(user)) return 'out-of-bounds';
    if (!holdsLock && concernsAdministrators(user)) throw new NeedsLock();
    return change(trx, user);
  }
}

/** Whoever else wants to change the account waits until `trx` is over. Undefined for one that has been deleted. */
export function lockUser(trx: Database, id: string): Promise<UserRow | undefined> {
  const account = trx.selectFrom('users').selectAll().where('id', '=', id).where('deleted_at', 'is', null);
  return account.forUpdate().executeTakeFirst();
}

/** Lets go of the account: the transaction is begun again with the lock that it turned out to need. */
class NeedsLock extends Error {}

function concernsAdministratorsBy({ roles }: Administration): (user: User) => boolean {
  return (user) => isNamedAdministrator(user) || roles?.includes('admin') === true;
}

/** Disabled ones, too: who enables one counts on the role. */
function isNamedAdministrator({ roles }: User): boolean {
  return roles.includes('admin');
}

/** One who can sign in. */
function isAdministrator({ roles, disabledAt }: User): boolean {
  return disabledAt === null && roles.includes('admin');
}

async function hasOtherAdministrator(trx: Database, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('users')
    .select('id')
    .where('id', '!=', id)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null)
    // Roles are a JSON array of names that need no escapes.
    .where('roles', 'like', '%"admin"%')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function administered(user: User, { disabled, roles }: Administration, at: number): User {
  const disabledAt = disabled === false ? null : (user.disabledAt ?? at);
  return {
    ...user,
    ...(disabled !== undefined && { disabledAt }),
    ...(roles !== undefined && { roles: [...new Set(roles)] }),
    updatedAt: at,
  };
}

/** What there is to tell, and in which words; nothing when the account is as it was. */
function eventsOf(before: User, after: User): [type: EventType, detail: string | null][] {
  const events: [EventType, string | null][] = [];
  if (before.disabledAt === null && after.disabledAt !== null) events.push(['user.disabled', null]);
  if (before.disabledAt !== null && after.disabledAt === null) events.push(['user.enabled', null]);
  const isSame = before.roles.length === after.roles.length && after.roles.every((role) => before.roles.includes(role));
  if (!isSame) events.push(['user.roles_changed', `roles: ${after.roles.join(', ') || 'none'}`]);
  return events;
}

/** Roles are left as they are stored unless they are to change: a later version may know more of them. */
function columnsOf({ roles, disabledAt, updatedAt }: User, changes: Administration): Partial<UserRow> {
  return {
    disabled_at: disabledAt,
    updated_at: updatedAt,
    ...(changes.roles !== undefined && { roles: JSON.stringify(roles) }),
  };
}
