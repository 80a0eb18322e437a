import type { Cause } from '../audit/event.ts';
import type { KeyOffice } from './key-office.ts';
import { planRotation } from './plan.ts';
import { retiresBy } from './policy.ts';

/** What came of a rotation that somebody asked for. Moments are epoch seconds. */
export type RotationOutcome =
  | {
      readonly kind: 'rotated';
      /** The key that signs now. */
      readonly kid: string;
      /** The key that signed until now, and by when it leaves the set. */
      readonly previous: string;
      /** At the latest, if nothing holds the servers up; earlier, when the tokens that it signed expire earlier. */
      readonly previousRetiresBy: number;
    }
  /** Some verifier may not know the standby `kid` before `safeAt`. Nothing changed. */
  | { readonly kind: 'too-soon'; readonly kid: string; readonly safeAt: number }
  /** Another process changed the keys at the same moment, or another key signs than was expected. Nothing changed. */
  | { readonly kind: 'conflict' };

/**
 * Makes the standby sign from now on, ahead of its schedule. When this resolves, a new standby has been published.
 *
 * `force` rotates even when the standby is so new that some verifier may refuse its tokens for a while. Of several
 * rotations of the same key, in any number of processes, one takes place; with `signer` only that key is rotated, so that
 * a request may be repeated.
 */
export async function rotateKeys(
  { store, clock, policy, keyring }: Pick<KeyOffice, 'store' | 'clock' | 'policy' | 'keyring'>,
  { force, signer: expected, cause }: { force: boolean; signer?: string | undefined; cause: Cause },
): Promise<RotationOutcome> {
  await keyring.refresh();
  const now = clock();
  const rotation = planRotation(keyring.keys, now, policy, keyring.unreadable);
  if (rotation === null || (expected !== undefined && rotation.signer.kid !== expected)) return { kind: 'conflict' };
  const { signer, standby, safeAt } = rotation;
  if (now < safeAt && !force) return { kind: 'too-soon', kid: standby.kid, safeAt };

  const change = { from: standby.activatesAt, to: now };
  if (!(await store.promoteKey(standby.kid, change, { ...cause, at: now }))) return { kind: 'conflict' };
  await keyring.refresh();
  return {
    kind: 'rotated',
    kid: standby.kid,
    previous: signer.kid,
    previousRetiresBy: retiresBy(now, signer.tokensExpireAt, policy),
  };
}
