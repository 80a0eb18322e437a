import { toMinute, toRfc3339 } from '../clock.ts';
import { networkIn } from '../network.ts';
import type { Session } from '../tokens/store.ts';

/**
 * The one place that says what of a session leaves the server: its address to the network only, and its last use to the
 * minute only.
 */
export function viewSession(session: Session, currentId: string | undefined) {
  return {
    id: session.id,
    current: session.id === currentId,
    client_id: session.clientId,
    scope: session.scope,
    created_at: toRfc3339(session.createdAt),
    last_used_at: toRfc3339(toMinute(session.lastUsedAt)),
    expires_at: toRfc3339(session.expiresAt),
    user_agent: session.userAgent,
    address: session.address === null ? null : networkIn(session.address, coarse),
  };
}

/** Enough to say roughly where somebody is, and no more. */
const coarse = { ipv4: 24, ipv6: 48 } as const;
