/**
 * Limits failures with secrets that nobody can guess: of clients to authenticate, and with tokens that were never given to
 * anybody. What is right always works and costs nothing here; only who has failed too often is told so in place of what
 * was wrong.
 */
import type { Source } from '../audit/event.ts';
import type { AuthenticateClient } from '../clients/authentication.ts';
import type { Sessions } from '../tokens/session.ts';
import { Unavailable } from '../unavailable.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import { anonymous } from './refusal.ts';
import type { Reserve } from './reservation.ts';

/**
 * Counts a failure of who says to be the client of that id, empty for one that is not registered; null for a failure that is
 * nobody's. Throws `Throttled` after too many.
 */
export type CountFailure = (clientId: string | null, source: Source) => Promise<void>;

export function failureCounter(reserve: Reserve): CountFailure {
  return async (clientId, { address }) => {
    const network = networkOf(address);
    await reserve(
      { actor: anonymous, address },
      ...(clientId === null
        ? []
        : [{ policy: policies.client, of: [clientId, network], owner: clientId === '' ? null : clientId }]),
      { policy: policies.clientNetwork, of: [network], owner: null },
    );
  };
}

/**
 * A request that is malformed guesses nothing, and is not counted. An assertion for which a client's keys cannot be had may
 * be anybody's, and took the work of a good one.
 */
export function throttledClients(authenticate: AuthenticateClient, countFailure: CountFailure): AuthenticateClient {
  return async (credentials, source) => {
    const outcome = await authenticate(credentials, source).catch(async (fault: unknown) => {
      if (fault instanceof Unavailable && credentials.client_assertion !== undefined) await countFailure(null, source);
      throw fault;
    });
    if ('error' in outcome && outcome.error === 'invalid_client') await countFailure(outcome.clientId ?? '', source);
    return outcome;
  };
}

/** Counts the refresh tokens that are unknown. One that has been used, has expired or was ended is nobody's guess. */
export function throttledRefreshes(sessions: Sessions, countFailure: CountFailure): Sessions {
  return {
    ...sessions,
    async refresh(request, source) {
      const outcome = await sessions.refresh(request, source);
      if (outcome === undefined && (await sessions.of(request.presented)) === undefined)
        await countFailure(request.client.id, source);
      return outcome;
    },
  };
}
