/** The secrets of a client: to change one without a pause, another is added, and the old one removed. */
import type { Clock } from '../clock.ts';
import { type Author, type Lacking, privilegeGuard } from './privileges.ts';
import { makeSecret } from './registration.ts';
import type { ClientSecret, ClientStore } from './store.ts';

/** `secret` is never seen again. */
export type SecretOutcome =
  | { readonly kind: 'added'; readonly secret: string; readonly stored: ClientSecret }
  /** The client has as many as it may have; or it authenticates without. */
  | { readonly kind: 'full' }
  | { readonly kind: 'secretless' }
  | Lacking;

export type AddSecret = (clientId: string, author: Author) => Promise<SecretOutcome | undefined>;

/** Makes another secret for a client. Undefined when there is no such client. */
export function secretMaker({ store, clock }: { store: ClientStore; clock: Clock }): AddSecret {
  return async (clientId, author) => {
    const now = clock();
    const { text, stored } = makeSecret(now);
    const guard = privilegeGuard(author);
    const outcome = await store.addSecret(clientId, stored, guard.allows, { ...author.cause, at: now });
    if (outcome === undefined) return undefined;
    if (outcome === 'refused') return guard.refusal();
    return outcome === 'added' ? { kind: 'added', secret: text, stored } : { kind: outcome };
  };
}

export type RemoveSecret = (
  clientId: string,
  id: string,
  author: Author,
) => Promise<'removed' | 'last' | 'unknown' | Lacking | undefined>;

/** Removes a secret, unless it is the last, or unknown to the client. Undefined when there is no such client. */
export function secretRemover({ store, clock }: { store: ClientStore; clock: Clock }): RemoveSecret {
  return async (clientId, id, author) => {
    const guard = privilegeGuard(author);
    const outcome = await store.removeSecret(clientId, id, guard.allows, { ...author.cause, at: clock() });
    return outcome === 'refused' ? guard.refusal() : outcome;
  };
}
