import type { Clock } from '../clock.ts';
import { splitScope } from '../tokens/scope.ts';
import { type ClientDraft, type ClientLimits, type ClientMembers, readClient } from './member-rules.ts';
import { type Author, type Lacking, privilegeGuard, scopesBeyond } from './privileges.ts';
import type { ClientRefusal } from './registration.ts';
import type { Client, ClientStore, ClientWithSecrets } from './store.ts';

export type ChangeClient = (
  id: string,
  changes: Partial<ClientDraft>,
  author: Author,
) => Promise<({ readonly kind: 'changed' } & ClientWithSecrets) | ClientRefusal | undefined>;

/** Changes registered clients. Undefined when there is none such. */
export function clientChanger(deps: { store: ClientStore; clock: Clock; limits: ClientLimits }): ChangeClient {
  const { store, clock, limits } = deps;
  return async (id, changes, author) => {
    let refusal: ClientRefusal | undefined;
    const outcome = await store.updateClient(
      id,
      (current) => {
        const decided = decideChange(current, changes, author, limits);
        if (!('kind' in decided)) return decided;
        refusal = decided;
        return null;
      },
      { ...author.cause, at: clock() },
    );
    if (outcome === undefined || outcome === 'refused') return refusal;
    return { kind: 'changed', ...outcome };
  };
}

/**
 * What becomes of the client, or why it stays as it is. Whoever changes anything of it needs all that the client may do
 * itself, before and after: else who may register clients could get hold of what any client may do. That goes for fewer
 * scopes as well: as long as they are gone the client could be given another secret, and get them back later. And for its
 * name, by which people decide what it may do. Pure.
 */
function decideChange(
  current: Client,
  changes: Partial<ClientDraft>,
  author: Author,
  limits: ClientLimits,
): ClientMembers | ClientRefusal {
  const read = readClient(current, changes, limits);
  if ('faults' in read) return { kind: 'faults', ...read };
  const lacking = scopesBeyond(author, [...splitScope(current.scope), ...splitScope(read.client.scope)]);
  return lacking.length > 0 ? { kind: 'lacking', scopes: lacking } : read.client;
}

export type DeleteClient = (id: string, author: Author) => Promise<'deleted' | Lacking | undefined>;

/** Deletes registered clients. Undefined when there is none such. */
export function clientDeleter({ store, clock }: { store: ClientStore; clock: Clock }): DeleteClient {
  return async (id, author) => {
    const guard = privilegeGuard(author);
    const outcome = await store.deleteClient(id, guard.allows, { ...author.cause, at: clock() });
    return outcome === 'refused' ? guard.refusal() : outcome;
  };
}
