import { verifyFor, type KeyPolicy } from './policy.ts';
import type { KeyRecord } from './store.ts';
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
};

export function deriveStates(
  turns: readonly Turn[],
  signer: KeyRecord | null,
  standbys: readonly KeyRecord[],
  now: number,
  policy: KeyPolicy,
): KeyState[] {
  const nextTurnAt = standbys[0]?.activatesAt ?? null;
  return turns.map(({ key, endedAt }): KeyState => {
    if (key.revokedAt !== null) return { key, state: 'revoked', changesAt: null };
    if (key === signer) return { key, state: 'active', changesAt: nextTurnAt };
    if (standbys.includes(key)) return { key, state: 'standby', changesAt: key.activatesAt };
    if (endedAt === null) return { key, state: 'retiring', changesAt: null };
    const retiresAt = endedAt + verifyFor(key.tokensLiveFor, policy);
    if (now < retiresAt) return { key, state: 'retiring', changesAt: retiresAt };
    return { key, state: 'retired', changesAt: null };
  });
}
