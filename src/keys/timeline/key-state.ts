import { retiresAt, signFor, type KeyPolicy } from './policy.ts';
import type { KeyRecord } from '../store.ts';
import type { Turn } from './turns.ts';

/** What a key is for at a moment: derived, never stored. */
export type KeyState = {
  readonly key: KeyRecord;
  /**
   * - `standby`: published, next to sign.
   * - `active`: signs.
   * - `retiring`: published, signs no more.
   * - `retired`: gone from the set.
   * - `revoked`: gone at once, for good.
   */
  readonly state: 'standby' | 'active' | 'retiring' | 'retired' | 'revoked';
  /** When that changes by itself, in epoch seconds; null when never, or not before another key is made. */
  readonly changesAt: number | null;
  /** When a later key took over; null while none has. */
  readonly endedAt: number | null;
  /** When it leaves the set, as far as can be said now: while its turn lasts, its tokens only become more. */
  readonly retiresAt: number | null;
};

/**
 * States as they are at `now`, by facts that were read at `readAt`. No key retires on the strength of facts that were read
 * before its time: a replica may have put more tokens on record since.
 */
export function deriveStates(
  turns: readonly Turn[],
  signer: KeyRecord | null,
  standbys: readonly KeyRecord[],
  readAt: number,
  policy: KeyPolicy,
): KeyState[] {
  const nextTurnAt = standbys.length === 0 ? null : Math.min(...standbys.map(({ activatesAt }) => activatesAt));
  return turns.map(({ key, endedAt }): KeyState => {
    const until = endedAt === null ? null : retiresAt(destroyedAtOf(key, endedAt, policy), key.tokensExpireAt, policy);
    const facts = { key, endedAt, retiresAt: until };
    if (key.revokedAt !== null) return { ...facts, state: 'revoked', changesAt: null, retiresAt: null };
    if (key === signer) return { ...facts, state: 'active', changesAt: nextTurnAt };
    if (standbys.includes(key)) return { ...facts, state: 'standby', changesAt: key.activatesAt };
    if (until === null || key.sealedPrivateKey !== null || readAt < until)
      return { ...facts, state: 'retiring', changesAt: until };
    return { ...facts, state: 'retired', changesAt: null };
  });
}

/** When the private part was destroyed, or when that will be due. */
function destroyedAtOf({ destroyedAt }: KeyRecord, endedAt: number, policy: KeyPolicy): number {
  return destroyedAt ?? endedAt + signFor(policy);
}
