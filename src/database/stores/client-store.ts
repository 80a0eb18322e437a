import { type ClientStore, type ClientWithSecrets, hasSecrets, mostSecrets } from '../../clients/store.ts';
import { recordEvents } from './audit-store.ts';
import { changedMembers, clientOf, clientsOf, rowOf, secretRowOf } from './client-row.ts';
import { isBehind } from './keyset.ts';
import { prepareAll } from '../prepared.ts';
import type { ClientRow, Database } from '../schema.ts';
import { endSessionsOfClient } from './session-ends.ts';
import { useAssertion } from './used-assertions.ts';
import { inTransaction } from '../transaction.ts';

export function clientStore(db: Database): ClientStore {
  const clientById = prepareAll(db, ['id'], ({ id }) => withSecrets(db).where('clients.id', '=', id));

  return {
    insertClient: (client, secret, occasion) =>
      inTransaction(db, async (trx) => {
        await trx.insertInto('clients').values(rowOf(client)).execute();
        if (secret !== null) await trx.insertInto('client_secrets').values(secretRowOf(client.id, secret)).execute();
        await recordEvents(trx, 'client.registered', [client.id], occasion);
      }),

    async findClient(id) {
      return clientsOf(await clientById({ id }))[0];
    },

    async listClients({ after, limit }) {
      // In one statement: a client that is deleted meanwhile is in the page or not, and makes no page too short.
      const ordered = db
        .selectFrom('clients')
        .select('id')

        .orderBy('created_at')
        .orderBy('id');
      const page = ordered.where(isBehind(after)).limit(limit);
      return clientsOf(await withSecrets(db).where('clients.id', 'in', page).execute());
    },

    updateClient: (id, decide, occasion) =>
      inTransaction(db, async (trx) => {
        const current = await lockRow(trx, id);
        if (current === undefined) return undefined;
        const before = clientOf(current);
        const changes = decide(before);
        if (changes === null) return 'refused';
        const after = { ...before, ...changes, updatedAt: occasion.at };
        const changed = changedMembers(before, after);
        if (changed.length > 0) {
          await trx.updateTable('clients').set(rowOf(after)).where('id', '=', id).execute();
          await recordEvents(trx, 'client.updated', [id], { ...occasion, detail: changed.join(', ') });
        }
        if (!hasSecrets(after)) await removeSecrets(trx, id, occasion);
        return findWithSecrets(trx, id);
      }),

    deleteClient: (id, allows, occasion) =>
      inTransaction(db, async (trx) => {
        const current = await lockRow(trx, id);
        if (current === undefined) return undefined;
        if (!allows(clientOf(current))) return 'refused';
        // The assertions that it has used stay until they expire: there may be any number.
        await trx.deleteFrom('clients').where('id', '=', id).execute();
        await recordEvents(trx, 'client.deleted', [id], occasion);
        await endSessionsOfClient(trx, id, { ...occasion, detail: 'client deleted' });
        return 'deleted';
      }),

    addSecret: (clientId, secret, allows, occasion) =>
      inTransaction(db, async (trx) => {
        await lockRow(trx, clientId);
        const found = await findWithSecrets(trx, clientId);
        if (found === undefined) return undefined;
        if (!allows(found.client)) return 'refused';
        if (!hasSecrets(found.client)) return 'secretless';
        if (found.secrets.length >= mostSecrets) return 'full';
        await trx.insertInto('client_secrets').values(secretRowOf(clientId, secret)).execute();
        await recordEvents(trx, 'client.secret_added', [clientId], { ...occasion, detail: secret.id });
        return 'added';
      }),

    removeSecret: (clientId, id, allows, occasion) =>
      inTransaction(db, async (trx) => {
        await lockRow(trx, clientId);
        const found = await findWithSecrets(trx, clientId);
        if (found === undefined) return undefined;
        if (!found.secrets.some((secret) => secret.id === id)) return 'unknown';
        if (!allows(found.client)) return 'refused';
        if (found.secrets.length === 1) return 'last';
        await removeSecrets(trx, clientId, occasion, id);
        return 'removed';
      }),

    async noteSecretUse(id, at) {
      await db.updateTable('client_secrets').set({ last_used_at: at }).where('id', '=', id).execute();
    },

    useAssertion: (assertion, now) => useAssertion(db, assertion, now),
  };
}

/** Clients beside their secrets, in the order of registration, the older secret first. */
function withSecrets(db: Database) {
  return db
    .selectFrom('clients')
    .leftJoin('client_secrets', 'client_secrets.client_id', 'clients.id')
    .selectAll('clients')
    .select([
      'client_secrets.id as secret_id',
      'client_secrets.hash',
      'client_secrets.created_at as secret_created_at',
      'client_secrets.last_used_at',
    ])
    .orderBy('clients.created_at')
    .orderBy('clients.id')
    .orderBy('client_secrets.created_at')
    .orderBy('client_secrets.id');
}

async function findWithSecrets(trx: Database, id: string): Promise<ClientWithSecrets | undefined> {
  return clientsOf(await withSecrets(trx).where('clients.id', '=', id).execute())[0];
}

/** Whoever else wants to change the client, or something of it, waits until `trx` is over. */
function lockRow(trx: Database, id: string): Promise<ClientRow | undefined> {
  return trx.selectFrom('clients').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

/** One of the client's secrets, or all of them. */
async function removeSecrets(
  trx: Database,
  clientId: string,
  occasion: Parameters<typeof recordEvents>[3],
  id?: string,
): Promise<void> {
  let removal = trx.deleteFrom('client_secrets').where('client_id', '=', clientId);
  if (id !== undefined) removal = removal.where('id', '=', id);
  for (const removed of await removal.returning('id').execute())
    await recordEvents(trx, 'client.secret_removed', [clientId], { ...occasion, detail: removed.id });
}
