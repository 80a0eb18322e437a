import type { Cause } from '../audit/event.ts';
import { privilegesBeyond } from '../tokens/authority.ts';
import { splitScope } from '../tokens/scope.ts';
import type { Client } from './store.ts';

/** Who looks after a client. */
export type Author = {
  readonly cause: Cause;
  /** The scope of the access token that was presented; null at the command line, where nothing is out of reach. */
  readonly scope: string | null;
};

/** The scopes of this server among `scopes` that the author does not have, and so can neither pass on nor get hold of. */
export function scopesBeyond({ scope: held }: Author, scopes: readonly string[]): string[] {
  return held === null ? [] : privilegesBeyond(held, scopes);
}

/** `scopes` are what the author would need. */
export type Lacking = { readonly kind: 'lacking'; readonly scopes: readonly string[] };

/**
 * Lets the author touch no client that may do more than the author. `allows` is for the transaction of the change;
 * `refusal` says afterwards what was lacking.
 */
export function privilegeGuard(author: Author) {
  let scopes: string[] = [];
  return {
    allows: ({ scope }: Pick<Client, 'scope'>): boolean => {
      scopes = scopesBeyond(author, splitScope(scope));
      return scopes.length === 0;
    },
    refusal: (): Lacking => ({ kind: 'lacking', scopes }),
  };
}
