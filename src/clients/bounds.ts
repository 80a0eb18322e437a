import type { FindClientBounds } from '../tokens/client-bounds.ts';
import { firstParty } from './authentication.ts';
import type { ClientStore } from './store.ts';

export function createBoundsFinder(store: Pick<ClientStore, 'findClient'>): FindClientBounds {
  return async function findClientBounds(id) {
    return id === firstParty ? null : (await store.findClient(id))?.client;
  };
}
