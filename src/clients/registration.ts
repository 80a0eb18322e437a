import type { Clock } from '../clock.ts';
import { hashSecret, newId, newSecret } from '../secret.ts';
import { splitScope } from '../tokens/scope.ts';
import { type ClientDraft, type ClientLimits, type MemberFault, readClient } from './member-rules.ts';
import { type Author, type Lacking, scopesBeyond } from './privileges.ts';
import { type ClientSecret, type ClientStore, type ClientWithSecrets, hasSecrets } from './store.ts';

/** What was asked for cannot be: it breaks the rules, or the author lacks `scopes` for it. */
export type ClientRefusal = { readonly kind: 'faults'; readonly faults: readonly MemberFault[] } | Lacking;

/** `secret` is never seen again; null for a client that authenticates without one. */
export type RegisteredClient = ClientWithSecrets & { readonly kind: 'registered'; readonly secret: string | null };

export type RegisterClient = (
  draft: Pick<ClientDraft, 'name' | 'scope'> & Partial<ClientDraft>,
  author: Author,
) => Promise<RegisteredClient | ClientRefusal>;

/** `name` and `scope` are always given. */
const usual = {
  name: '',
  scope: '',
  authMethod: 'client_secret_basic',
  grantTypes: ['client_credentials'],
  audiences: [],
  accessTokenLifetime: null,
  jwks: null,
  jwksUri: null,
} as const;

/** Registers service clients (RFC 7591, 2). */
export function clientRegistrar(deps: { store: ClientStore; clock: Clock; limits: ClientLimits }): RegisterClient {
  const { store, clock, limits } = deps;
  return async (draft, author) => {
    const read = readClient(usual, draft, limits);
    if ('faults' in read) return { kind: 'faults', ...read };
    const lacking = scopesBeyond(author, splitScope(read.client.scope));
    if (lacking.length > 0) return { kind: 'lacking', scopes: lacking };

    const now = clock();
    const client = { id: newId('cli_'), ...read.client, createdAt: now, updatedAt: now };
    const made = hasSecrets(client) ? makeSecret(now) : null;
    await store.insertClient(client, made?.stored ?? null, { ...author.cause, at: now });
    return { kind: 'registered', client, secrets: made ? [made.stored] : [], secret: made?.text ?? null };
  };
}

/** A secret to show once, and what is stored of it. */
export function makeSecret(now: number): { text: string; stored: ClientSecret } {
  const text = newSecret('tcs_');
  return { text, stored: { id: newId('sec_'), hash: hashSecret(text), createdAt: now, lastUsedAt: null } };
}
