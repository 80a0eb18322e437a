import { isKid } from './immutable-facts.ts';
import type { KeyFacts } from './key-facts.ts';
import type { KeyPlan } from './plan.ts';
import { forgetAt, type KeyPolicy } from './policy.ts';
import type { ForgottenKey, KeyRecord } from './store.ts';
import { thumbprintOf } from './thumbprint.ts';
import type { VerifyOnlyKey } from './verify-only.ts';

/** How many are forgotten at a time. The next refresh goes on. */
const atOnce = 50;

/**
 * Revoked keys that nobody has a use for any more, with what is to be remembered of them: those of the line that the plan says, keys of
 * other issuers, and rows that no server wrote, which have no place in any line. A row that waits may be in the line of another server.
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
  const isRejected = ({ kid }: KeyRecord) => trust.signing.get(kid)?.verdict.kind === 'rejected';
  const due = [
    ...stored.keys.filter((key) => plan.forget.includes(key.kid) || (isRejected(key) && isDue(key))),
    ...stored.verifyOnly.filter(isDue),
  ];
  const some = due.filter(({ kid }) => isKid(kid)).slice(0, atOnce);
  return Promise.all(some.map(async (key) => ({ kid: key.kid, thumbprint: await thumbprintOf(key) })));
}
