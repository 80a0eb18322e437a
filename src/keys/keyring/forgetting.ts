import { isKid } from '../sealing/immutable-facts.ts';
import type { KeyFacts } from './key-facts.ts';
import type { KeyPlan } from '../timeline/plan.ts';
import { forgetAt, type KeyPolicy } from '../timeline/policy.ts';
import type { ForgottenKey, KeyRecord } from '../store.ts';
import { thumbprintOf } from '../thumbprint.ts';
import type { VerifyOnlyKey } from '../verify-only.ts';

/** How many are forgotten at a time. The next refresh goes on. */
const atOnce = 50;

/**
 * Revoked keys that nobody has a use for any more, with what is to be remembered of them: those of the line that the plan says, keys of
 * other issuers, and rows that are not trusted, which have no place in this line. One that waits may have had one in that of another
 * server: nothing has come after it there for longer than any token lives.
 */
export async function findForgettable(
  { stored, trust, readAt }: KeyFacts,
  plan: Pick<KeyPlan, 'forget'>,
  policy: KeyPolicy,
): Promise<ForgottenKey[]> {
  const isDue = (key: KeyRecord | VerifyOnlyKey): boolean => {
    const at = forgetAt(key, policy);
    return at !== null && readAt >= at;
  };
  const isLeftOut = ({ kid }: KeyRecord) => trust.signing.get(kid)?.verdict.kind !== 'trusted';
  const forgotten = new Set(plan.forget);
  const due = [
    ...stored.keys.filter((key) => forgotten.has(key.kid) || (isLeftOut(key) && isDue(key))),
    ...stored.verifyOnly.filter(isDue),
  ];
  const some = due.filter(({ kid }) => isKid(kid)).slice(0, atOnce);
  return Promise.all(some.map(async (key) => ({ kid: key.kid, thumbprint: await thumbprintOf(key) })));
}
