import {
  type AuthenticatedClient,
  builtInClient,
  describeClient,
  firstParty,
  isConfidential,
} from './authentication.ts';
import type { ClientStore } from './store.ts';

/** Finds a public client by its id, which is all that it has to show; undefined for a confidential one and for none. */
export type FindPublicClient = (id: string) => Promise<AuthenticatedClient | undefined>;

/** `audience` is the server's own. */
export function createPublicClientFinder(deps: {
  store: Pick<ClientStore, 'findClient'>;
  audience: string;
}): FindPublicClient {
  const { store, audience } = deps;
  return async function findPublicClient(id) {
    if (id === firstParty) return builtInClient(audience);
    const client = (await store.findClient(id))?.client;
    if (client === undefined || isConfidential(client)) return undefined;
    return describeClient(client, { credentialId: null }, audience);
  };
}
