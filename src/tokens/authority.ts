import { hasScope, privilegesIn } from './scope.ts';

/**
 * What an access token with the scope `held` lacks to give or take `scopes`, or to touch an account or a client that has
 * them: the scopes of this server beyond those of every user. Nobody gets at more through another than the token at hand
 * allows already, be it by making it, ending it, or locking its user out.
 */
export function privilegesBeyond(held: string, scopes: readonly string[]): string[] {
  return [...new Set(privilegesIn(scopes))].filter((scope) => !hasScope(held, scope));
}
