import type { Cause, Source } from '../audit/event.ts';
import type { Caller } from '../tokens/caller.ts';

/** What a caller does, from where, and why in the caller's own words. */
export function causeOf({ claims: { sub, client_id } }: Caller, source: Source, reason?: string): Cause {
  return { actor: { kind: 'caller', sub, clientId: client_id }, address: source.address, reason: reason ?? null };
}

/** What somebody does who has no access token. */
export function anonymousCause({ address }: Source): Cause {
  return { actor: { kind: 'anonymous' }, address, reason: null };
}
