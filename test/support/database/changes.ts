/** Every method of a store that writes, each with something to do on what `populate` has stored. */
import type { EventType } from '../../../src/audit/event.ts';
import { FIRST } from '../../../src/keys/store.ts';
import type { Taken } from '../../../src/throttling/store.ts';
import { noRepeats } from '../../../src/tokens/repeats.ts';
import type { Stores } from '../database.ts';
import {
  aClient,
  aKey,
  aRepeat,
  aSecret,
  aSession,
  aToken,
  aUse,
  aUser,
  aVerifyOnlyKey,
  noRepeatsYet,
  occasion,
} from '../records.ts';

export type Change = {
  readonly write: (stores: Stores, taken: readonly Taken[]) => Promise<unknown>;
  /** What it leaves in the audit trail, in this order. */
  readonly events: readonly EventType[];
  /** Whether it needs more room than there is where the disk is full; every event does. */
  readonly grows: boolean;
};

export const ada = aUser('ada');
const staff = aUser('staff', { roles: ['auditor'] });
const session = aSession('s', ada);
const used = aSession('used', ada);
const usedToken = aToken('u1', used, { usedAt: 1400, sealedSuccessor: 'sealed' });
const throughClient = aSession('through c', staff, { clientId: 'c' });
const client = aClient('c');
const policy = { name: 'a policy', tries: 10, within: 100 };

const long = 'x'.repeat(100_000);

/** Its reason needs more room than there is where the disk is full, so the event is what cannot be written. */
export const now = occasion(1500, { reason: long });

/** Returns what it has taken from a budget. */
export async function populate(stores: Stores): Promise<readonly Taken[]> {
  const { keys, verifyOnlyKeys, users, clients, sessions, rateLimits } = stores;
  const then = occasion(1000);
  await keys.insertKey(aKey('a', FIRST), 'key.created', then);
  await keys.insertKey(aKey('b', 'a'), 'key.created', then);
  await verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), then);
  await verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('r'), then);
  await verifyOnlyKeys.revokeVerifyOnlyKey('r', then);
  for (const user of [ada, staff, aUser('off', { disabledAt: 1000 })]) await users.insertUser(user, then);
  await clients.insertClient(client, aSecret('sec_1'), then);
  await clients.insertClient(aClient('d'), aSecret('sec_2'), then);
  await clients.addSecret('d', aSecret('sec_3'), () => true, then);
  await sessions.startSession(session, aToken('h', session), ada.passwordHash, then);
  await sessions.startSession(used, aToken('u1', used), ada.passwordHash, then);
  const rotation = { successor: aToken('u2', used), sealedSuccessor: 'sealed', use: aUse(1400), repeats: noRepeatsYet };
  await sessions.rotateRefreshToken('u1', rotation);
  await sessions.startSession(throughClient, null, staff.passwordHash, then);
  const outcome = await rateLimits.take([{ policy, of: ['somebody'] }], 1000);
  return outcome.kind === 'taken' ? outcome.taken : [];
}

function change(write: Change['write'], events: readonly EventType[], grows = events.length > 0): Change {
  return { write, events, grows };
}

export const changes: Readonly<Record<string, Change>> = {
  insertKey: change(({ keys }) => keys.insertKey(aKey('c', 'b'), 'key.created', now), ['key.created']),
  promoteKey: change(({ keys }) => keys.promoteKey('b', { from: 2000, to: 1500 }, now), ['key.activated']),
  revokeKey: change(
    ({ keys }) => keys.revokeKey('a', { promote: 'b', spare: aKey('c', 'b') }, now),
    ['key.revoked', 'key.activated', 'key.created'],
  ),
  settleKeys: change(
    ({ keys }) => keys.settleKeys({ tookOver: ['b'], destroyPrivate: ['b'], remove: ['a'] }, now),
    ['key.activated', 'key.destroyed', 'key.retired'],
  ),
  'settleKeys, a key that is forgotten': change(
    ({ keys }) =>
      keys.settleKeys({ tookOver: [], destroyPrivate: [], remove: [], forget: [{ kid: 'r', thumbprint: long }] }, now),
    [],
    true,
  ),
  resealKey: change(({ keys }) => keys.resealKey('a', { from: 'sealed a', to: 'sealed anew' }, now), ['key.resealed']),
  writeMacs: change(
    ({ keys }) =>
      keys.writeMacs([
        { of: 'signing', kid: 'a', from: null, to: long, resealed: { from: 'sealed a', to: 'sealed anew' } },
        { of: 'verify-only', kid: 'v', from: null, to: long, resealed: null },
      ]),
    [],
    true,
  ),
  noteTokens: change(({ keys }) => keys.noteTokens('a', 5000), []),
  insertVerifyOnlyKey: change(
    ({ verifyOnlyKeys }) => verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('w'), now),
    ['key.imported'],
  ),
  revokeVerifyOnlyKey: change(({ verifyOnlyKeys }) => verifyOnlyKeys.revokeVerifyOnlyKey('v', now), ['key.revoked']),
  removeVerifyOnlyKeys: change(
    ({ verifyOnlyKeys }) => verifyOnlyKeys.removeVerifyOnlyKeys(['v'], now),
    ['key.retired'],
  ),
  insertUser: change(({ users }) => users.insertUser(aUser('grace'), now), ['user.registered']),
  updateUser: change(({ users }) => users.updateUser(ada.id, { name: 'Ada' }, now), ['user.updated']),
  'replacePasswordHash, a new password': change(
    ({ users }) => users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: 'new', endsSessionsBy: 's' }, now),
    ['user.password_changed', 'session.ended', 'session.ended'],
  ),
  'replacePasswordHash, the same password': change(
    ({ users }) => users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: long }, now),
    [],
    true,
  ),
  'administerUser, disabled': change(
    ({ users }) => users.administerUser(staff.id, { disabled: true, roles: [] }, now),
    ['session.ended', 'user.disabled', 'user.roles_changed'],
  ),
  'administerUser, enabled': change(
    ({ users }) => users.administerUser('usr_off', { disabled: false }, now),
    ['user.enabled'],
  ),
  endSessionsOf: change(({ users }) => users.endSessionsOf(staff.id, now), ['session.ended']),
  deleteUser: change(({ users }) => users.deleteUser(ada.id, now), ['user.deleted']),
  insertClient: change(
    ({ clients }) => clients.insertClient(aClient('e'), aSecret('sec_4'), now),
    ['client.registered'],
  ),
  updateClient: change(
    ({ clients }) => clients.updateClient('c', () => ({ authMethod: 'none' }), now),
    ['client.updated', 'client.secret_removed'],
  ),
  deleteClient: change(
    ({ clients }) => clients.deleteClient('c', () => true, now),
    ['client.deleted', 'session.ended'],
  ),
  addSecret: change(
    ({ clients }) => clients.addSecret('c', aSecret('sec_5'), () => true, now),
    ['client.secret_added'],
  ),
  removeSecret: change(({ clients }) => clients.removeSecret('d', 'sec_2', () => true, now), ['client.secret_removed']),
  noteSecretUse: change(({ clients }) => clients.noteSecretUse('sec_1', 1500), []),
  useAssertion: change(
    ({ clients }) => clients.useAssertion({ clientId: 'c', jti: long, expiresAt: 2000 }, 1500),
    [],
    true,
  ),
  startSession: change(
    ({ sessions }) => {
      const more = aSession('t', ada);
      return sessions.startSession(more, aToken('t', more), ada.passwordHash, now);
    },
    ['session.started'],
  ),
  rotateRefreshToken: change(
    ({ sessions }) =>
      sessions.rotateRefreshToken('h', {
        successor: aToken('next', session),
        sealedSuccessor: 'sealed',
        use: aUse(1500, { userAgent: long }),
        repeats: noRepeatsYet,
      }),
    [],
    true,
  ),
  repeatRefreshToken: change(
    ({ sessions }) => sessions.repeatRefreshToken(usedToken, aUse(1500, { credentialId: long }), aRepeat()),
    [],
    true,
  ),
  endSession: change(({ sessions }) => sessions.endSession({ id: 's', userId: ada.id }, now), ['session.ended']),
  'endSession, limited': change(
    ({ sessions }) => sessions.endSession({ id: 's', userId: ada.id }, now, { limits: [{ policy, of: ['anybody'] }] }),
    ['session.ended'],
  ),
  endAllSessions: change(
    ({ sessions }) => sessions.endAllSessions({ userId: ada.id }, now),
    ['session.ended', 'session.ended'],
  ),
  'repeatRefreshToken, told': change(
    ({ sessions }) => {
      const repeats = { from: noRepeats, to: { ...noRepeats, toldAt: 1500 } };
      return sessions.repeatRefreshToken(usedToken, aUse(1500), aRepeat({ repeats, occasion: now }));
    },
    ['session.repeated'],
  ),
  endReusedSession: change(({ sessions }) => sessions.endReusedSession('s', now), ['session.reused']),
  revokeAccessToken: change(
    ({ accessTokens }) => accessTokens.revokeAccessToken({ jti: 'j', expiresAt: 2000 }, now),
    ['token.revoked'],
  ),
  take: change(({ rateLimits }) => rateLimits.take([{ policy, of: ['anybody'] }], 1500), []),
  giveBack: change(({ rateLimits }, taken) => rateLimits.giveBack(taken), []),
  ...Object.fromEntries(
    (['user.password_refused', 'session.refused', 'client.refused', 'backup.started', 'move.started'] as const).map(
      (type) => [`recordEvent, ${type}`, change(({ audit }) => audit.recordEvent(type, null, now), [type])],
    ),
  ),
  ...Object.fromEntries(
    (['session.misused', 'access.denied', 'limit.reached'] as const).map((type) => [
      `recordOnce, ${type}`,
      change(({ audit }) => audit.recordOnce(type, null, now, { of: ['a'], until: 1600 }), [type]),
    ]),
  ),
};
