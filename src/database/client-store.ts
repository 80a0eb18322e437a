import type { Client, ClientStore } from '../clients/store.ts';
import { prepare } from './prepared.ts';
import type { ClientRow, Database } from './schema.ts';

export function clientStore(db: Database): ClientStore {
  const clientById = prepare(db, ['id'], ({ id }) => db.selectFrom('clients').selectAll().where('id', '=', id));

  return {
    async insertClient({ id, name, secretHash, scope, createdAt }) {
      const row: ClientRow = { id, name, secret_hash: secretHash, scope, created_at: createdAt };
      await db.insertInto('clients').values(row).execute();
    },

    async findClient(id) {
      const row = await clientById({ id });
      return row && clientOf(row);
    },
  };
}

function clientOf(row: ClientRow): Client {
  return { id: row.id, name: row.name, secretHash: row.secret_hash, scope: row.scope, createdAt: row.created_at };
}
