import type { Cause } from '../../audit/event.ts';
import type { KeyOffice } from './key-office.ts';
import { planKeys, planRotation, type Rotation } from '../timeline/plan.ts';
import { retiresBy, type KeyPolicy } from '../timeline/policy.ts';
import type { KeyRecord } from '../store.ts';

/** Why a rotation did not take place, or does not hold. Moments are epoch seconds. */
export type RotationRefusal =
  /** Some verifier may not know the standby `kid` before `safeAt`. */
  | { readonly kind: 'too-soon'; readonly kid: string; readonly safeAt: number }
  /** `signer` signs, and another key was expected to. */
  | { readonly kind: 'not-signer'; readonly signer: string }
  /** Another process changed the keys at the same moment, or the new signer was revoked or changed at once; or nothing stands by. */
  | { readonly kind: 'conflict' };

/** What came of a rotation that somebody asked for. Unless it is `rotated`, the standby does not sign by this rotation. */
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
  | RotationRefusal;

type Wanted = {
  /** Rotate even when the standby is so new that some verifier may refuse its tokens for a while. */
  readonly force: boolean;
  /** Rotate only while this key signs. */
  readonly signer?: string | undefined;
};

/** Whether a rotation may take place at `now`. Pure. */
export function decideRotation(
  keys: readonly KeyRecord[],
  now: number,
  policy: KeyPolicy,
  unusable: ReadonlySet<string>,
  { force, signer }: Wanted,
): { readonly rotation: Rotation; readonly outcome: RotationOutcome & { kind: 'rotated' } } | RotationRefusal {
  const rotation = planRotation(keys, now, policy, unusable);
  if (rotation === null) return { kind: 'conflict' };
  const { kid } = rotation.signer;
  if (signer !== undefined && kid !== signer) return { kind: 'not-signer', signer: kid };
  const { standby, safeAt } = rotation;
  // By a clock that is ahead of this one it signs already.
  if (standby.tookOverAt !== null) return { kind: 'conflict' };
  if (now < safeAt && !force) return { kind: 'too-soon', kid: standby.kid, safeAt };
  const previousRetiresBy = retiresBy(now, rotation.signer.tokensExpireAt, policy);
  return { rotation, outcome: { kind: 'rotated', kid: standby.kid, previous: kid, previousRetiresBy } };
}

/**
 * Makes the standby sign from now on, ahead of its schedule. When this resolves, a new standby has been published, if that was
 * possible. Of several rotations of the same key, in any number of processes, one takes place; with `signer` a request may
 * be repeated. A standby that this process could not sign with is passed over.
 */
export async function rotateKeys(
  { store, clock, policy, keyring }: Pick<KeyOffice, 'store' | 'clock' | 'policy' | 'keyring'>,
  { cause, ...wanted }: Wanted & { readonly cause: Cause },
): Promise<RotationOutcome> {
  await keyring.refreshOrLook();
  const now = clock();
  const decision = decideRotation(keyring.keys, now, policy, keyring.unusable, wanted);
  if ('kind' in decision) return decision;
  const { kid, activatesAt } = decision.rotation.standby;
  if (!(await store.promoteKey(kid, { from: activatesAt, to: now }, { ...cause, at: now })))
    return { kind: 'conflict' };
  await keyring.refreshOrLook();
  // The clock may have been set back meanwhile.
  const { signer } = planKeys(keyring.keys, Math.max(now, clock()), policy, keyring.unreadable);
  const isHandedOver = signer !== null && signer.kid !== decision.outcome.previous && canSign(keyring, signer.kid);
  return isHandedOver && canSign(keyring, kid) && isBehind(keyring.keys, signer.kid, kid)
    ? decision.outcome
    : { kind: 'conflict' };
}

/** Whether this process could sign with it, as it was last read. It may have been revoked; no server changes anything else of it. */
function canSign(keyring: KeyOffice['keyring'], kid: string): boolean {
  const key = keyring.keys.find((each) => each.kid === kid);
  const isWhole = key !== undefined && key.revokedAt === null && key.sealedPrivateKey !== null;
  return isWhole && keyring.isTrusted(kid) && !keyring.unusable.has(kid);
}

/** Whether `kid` is `before` or comes after it: then that one was rotated again at once. */
function isBehind(line: readonly KeyRecord[], kid: string, before: string): boolean {
  const [own, other] = [line.findIndex((key) => key.kid === kid), line.findIndex((key) => key.kid === before)];
  return other >= 0 && own >= other;
}
