/**
 * Service clients: who makes an OAuth request, a registered client that proves itself or the built-in first-party one.
 * This folder owns how clients are registered and authenticated. It leaves to others where they are kept (`database/`
 * implements ClientStore) and what they are granted (`tokens/`).
 */
import { timingSafeEqual } from 'node:crypto';
import { hashSecret } from '../secret.ts';
import { parseBasicCredentials } from './basic-credentials.ts';
import type { Client, ClientStore } from './store.ts';

/** The built-in public client, for our own sign-in forms. No registered client can have this id. */
export const firstParty = 'first-party';

export type AuthenticatedClient = { readonly id: typeof firstParty } | Client;

export type ClientFault = {
  readonly error: 'invalid_client' | 'invalid_request';
  readonly description: string;
};

export type ClientCredentials = {
  readonly authorization: string | undefined;
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
};

export type AuthenticateClient = (credentials: ClientCredentials) => Promise<AuthenticatedClient | ClientFault>;

const failed: ClientFault = { error: 'invalid_client', description: 'Client authentication failed.' };

/** Authenticates a client by HTTP Basic or by parameters of the body, never by both (RFC 6749, 2.3). */
export function clientAuthenticator(store: ClientStore): AuthenticateClient {
  return async ({ authorization, client_id, client_secret }) => {
    if (authorization === undefined) {
      if (client_id === undefined && client_secret !== undefined) {
        return { error: 'invalid_request', description: 'client_secret needs client_id.' };
      }
      return check(client_id ?? firstParty, client_secret);
    }
    if (client_secret !== undefined) {
      return { error: 'invalid_request', description: 'Only one method of client authentication may be used.' };
    }
    const basic = parseBasicCredentials(authorization);
    if (basic === undefined) return failed;
    if (client_id !== undefined && client_id !== basic.id) {
      return { error: 'invalid_request', description: 'client_id differs from the authenticated client.' };
    }
    return check(basic.id, basic.secret === '' ? undefined : basic.secret);
  };

  async function check(id: string, secret: string | undefined): Promise<AuthenticatedClient | ClientFault> {
    if (id === firstParty) return secret === undefined ? { id } : failed;
    const client = await store.findClient(id);
    const presented = Buffer.from(hashSecret(secret ?? ''));
    const expected = Buffer.from(client?.secretHash ?? hashSecret(id));
    return timingSafeEqual(presented, expected) && client !== undefined && secret !== undefined ? client : failed;
  }
}
