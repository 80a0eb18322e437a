import type { FindClientBounds } from '../tokens/client-bounds.ts';
import { firstParty, isConfidential } from './authentication.ts';
import type { ClientStore } from './store.ts';

export function createBoundsFinder(store: Pick<ClientStore, 'findClient'>): FindClientBounds {
  return async function findClientBounds(id) {
    if (id === firstParty) return null;
    const client = (await store.findClient(id))?.client;
    return client && { ...client, isConfidential: isConfidential(client) };
  };
}
