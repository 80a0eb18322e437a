import { toRfc3339 } from '../clock.ts';
import type { Reply } from '../http/contract.ts';
import type { RevocationOutcome } from '../keys/changes/revocation.ts';
import type { RotationOutcome } from '../keys/changes/rotation.ts';
import type { KeyState } from '../keys/timeline/key-state.ts';
import { type VerifyOnlyKey, isPublishedAt } from '../keys/verify-only.ts';

export function viewRotation({ kid, previous, previousRetiresBy }: Extract<RotationOutcome, { kind: 'rotated' }>) {
  return {
    state: 'rotated',
    kid,
    previous_kid: previous,
    previous_retires_by: toRfc3339(previousRetiresBy),
  } as const;
}

export function viewRevocation(outcome: Extract<RevocationOutcome, { kind: 'revoked' }>) {
  return {
    state: 'revoked',
    kid: outcome.kid,
    revoked_at: toRfc3339(outcome.revokedAt),
    signer: outcome.signer,
    signer_known_at: toRfc3339(outcome.signerKnownAt),
    verifiers_may_cache_until: toRfc3339(outcome.verifiersMayCacheUntil),
  } as const;
}

type KeyView = Extract<Reply<'listKeys'>, { status: 200 }>['body']['keys'][number];

/** What is said of keys, in order of succession, those of other issuers last. `now` is in epoch seconds. */
export function viewKeys(found: {
  states: readonly KeyState[];
  verifyOnly: readonly VerifyOnlyKey[];
  unreadable: ReadonlySet<string>;
  now: number;
}): KeyView[] {
  const { states, verifyOnly, unreadable, now } = found;
  return [
    ...states.map((state) => viewKey(state, unreadable, now)),
    ...verifyOnly.map((key) => viewVerifyOnlyKey(key, now)),
  ];
}

function viewKey(
  { key, state, changesAt, endedAt, retiresAt }: KeyState,
  unreadable: ReadonlySet<string>,
  now: number,
) {
  return {
    kid: key.kid,
    state,
    alg: key.alg,
    published_at: toRfc3339(key.publishedAt),
    activates_at: toRfc3339(key.activatesAt),
    ended_at: momentOf(endedAt),
    retires_at: momentOf(retiresAt),
    revoked_at: momentOf(key.revokedAt),
    tokens_expire_at: momentOf(key.tokensExpireAt),
    ...changeOf(changesAt, now),
    unreadable: unreadable.has(key.kid),
  };
}

function viewVerifyOnlyKey(key: VerifyOnlyKey, now: number): KeyView {
  const isPublished = isPublishedAt(key, now);
  const isRevoked = key.revokedAt !== null;
  const goneFor = isRevoked ? 'revoked' : 'retired';
  return {
    kid: key.kid,
    state: isPublished ? 'verify-only' : goneFor,
    alg: key.alg,
    published_at: toRfc3339(key.publishedAt),
    activates_at: null,
    ended_at: null,
    retires_at: isRevoked ? null : toRfc3339(key.publishedUntil),
    revoked_at: momentOf(key.revokedAt),
    tokens_expire_at: null,
    ...changeOf(isPublished ? key.publishedUntil : null, now),
    unreadable: false,
  };
}

/** A change that is due has been found no longer ago than the view is old. */
function changeOf(changesAt: number | null, now: number) {
  return { changes_at: momentOf(changesAt), changes_in: changesAt === null ? null : Math.max(changesAt - now, 0) };
}

function momentOf(epochSeconds: number | null): string | null {
  return epochSeconds === null ? null : toRfc3339(epochSeconds);
}
