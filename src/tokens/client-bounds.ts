import type { Client, GrantType } from '../clients/store.ts';
import { hasScope, splitScope } from './scope.ts';

/** What a client may have at this moment; null for the built-in one, which passes on whatever a user has. */
export type ClientBounds = Pick<Client, 'scope' | 'audiences' | 'grantTypes'> | null;

/** Says what the client of this id may have, and whether it has to prove who it is; undefined when it is gone. */
export type FindClientBounds = (
  id: string,
) => Promise<(ClientBounds & { readonly isConfidential: boolean }) | null | undefined>;

/** What an access token, or the session that it comes from, was granted. `aud` is null for the server's own audience. */
type Granted = { readonly scope: string; readonly aud: string | null };

/**
 * What is left of the scope of a token when its client may do less than when it was issued; empty when nothing is, when the
 * token is for an API that the client may not address any more, or when the client has none of `grants` left, by one of
 * which the token came. `audience` is the server's own.
 */
export function scopeWithin(
  bounds: ClientBounds,
  { scope, aud }: Granted,
  { audience, grants }: { audience: string; grants: readonly GrantType[] },
): string {
  if (bounds === null) return scope;
  const { grantTypes, audiences } = bounds;
  if (!grants.some((grant) => grantTypes.includes(grant))) return '';
  if (!(audiences.length > 0 ? audiences : [audience]).includes(aud ?? audience)) return '';
  const scopes = splitScope(scope);
  const left = scopes.filter((each) => hasScope(bounds.scope, each));
  return left.length === scopes.length ? scope : left.join(' ');
}
