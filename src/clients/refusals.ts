import type { AuditStore } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { AuthenticateClient } from './authentication.ts';

/**
 * Puts on record whoever fails to authenticate as a client. Goes around what limits such tries, so that those which are not
 * even looked at any more leave nothing: nobody can fill the audit trail.
 */
export function recordedClients(
  authenticate: AuthenticateClient,
  { audit, clock }: { audit: Pick<AuditStore, 'recordEvent'>; clock: Clock },
): AuthenticateClient {
  return async (credentials, source) => {
    const outcome = await authenticate(credentials, source);
    if ('error' in outcome && outcome.error === 'invalid_client') {
      const { clientId = null, check = null } = outcome;
      const occasion = { at: clock(), actor: { kind: 'anonymous' }, reason: null, address: source.address } as const;
      await audit.recordEvent('client.refused', clientId, { ...occasion, detail: check });
    }
    return outcome;
  };
}
