import type { Clock } from '../clock.ts';
import type { Keyring } from './keyring.ts';
import { planRotation } from './plan.ts';
import { verifyFor, type KeyPolicy } from './policy.ts';
import type { KeyStore } from './store.ts';

/** What came of a rotation that somebody asked for. Moments are epoch seconds. */
export type RotationOutcome =
  | {
      readonly kind: 'rotated';
      /** The key that signs now. */
      readonly kid: string;
      /** The key that signed until now, and until when it stays published. */
      readonly previous: string;
      readonly previousPublishedUntil: number;
    }
  /** Some verifier may not know the standby `kid` before `safeAt`. Nothing changed. */
  | { readonly kind: 'too-soon'; readonly kid: string; readonly safeAt: number }
  /** Another process changed the keys at the same moment. Nothing changed. */
  | { readonly kind: 'conflict' };

/**
 * Makes the standby sign from now on, ahead of its schedule. When this resolves, a new standby has been published.
 *
 * `force` rotates even when the standby is so new that some verifier may refuse its tokens for a while. Of several
 * rotations at the same moment, in any number of processes, one takes place.
 */
export async function rotateKeys(
  { store, clock, policy, keyring }: { store: KeyStore; clock: Clock; policy: KeyPolicy; keyring: Keyring },
  { force }: { force: boolean },
): Promise<RotationOutcome> {
  await keyring.refresh();
  const now = clock();
  const rotation = planRotation(keyring.keys, now, policy, keyring.unreadable);
  if (rotation === null) return { kind: 'conflict' };
  const { signer, standby, safeAt } = rotation;
  if (now < safeAt && !force) return { kind: 'too-soon', kid: standby.kid, safeAt };

  if (!(await store.promoteKey(standby.kid, now))) return { kind: 'conflict' };
  await keyring.refresh();
  return {
    kind: 'rotated',
    kid: standby.kid,
    previous: signer.kid,
    previousPublishedUntil: now + verifyFor(signer.tokensLiveFor, policy),
  };
}
