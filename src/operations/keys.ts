/** The signing keys, for whoever looks after them. */
import { toRfc3339 } from '../clock.ts';
import type { Handler, Reply } from '../http/contract.ts';
import type { KeyOffice } from '../keys/changes/key-office.ts';
import type { KeyState } from '../keys/timeline/key-state.ts';
import { type RevocationOutcome, revokeKey as revoke } from '../keys/changes/revocation.ts';
import { type RotationOutcome, rotateKeys as rotate } from '../keys/changes/rotation.ts';
import { type VerifyOnlyKey, isPublishedAt } from '../keys/verify-only.ts';
import { causeOf } from './cause.ts';

export function listKeys({ keyring, clock }: Pick<KeyOffice, 'keyring' | 'clock'>): Handler<'listKeys'> {
  return async () => {
    await keyring.freshen();
    const { plan, verifyOnlyKeys: verifyOnly, unreadable } = keyring;
    return { status: 200, body: { keys: viewKeys({ states: plan.states, verifyOnly, unreadable, now: clock() }) } };
  };
}

export function rotateKeys(office: KeyOffice): Handler<'rotateKeys'> {
  return async ({ caller, source, body }) => {
    const { force = false, signer, reason } = body ?? {};
    const outcome = await rotate(office, { force, signer, cause: causeOf(caller, source, reason) });
    if (outcome.kind === 'conflict') return keysChanged;
    if (outcome.kind === 'not-signer') return notSigner(outcome.signer);
    if (outcome.kind === 'too-soon') return tooSoon(outcome, office.clock());
    return { status: 200, body: viewRotation(outcome) };
  };
}

export function revokeKey(office: KeyOffice): Handler<'revokeKey'> {
  return async ({ caller, source, path, body }) => {
    const outcome = await revoke(office, path.kid, causeOf(caller, source, body?.reason));
    if (outcome.kind === 'unknown') return { status: 404, body: { detail: 'There is no such key.' } };
    if (outcome.kind === 'undone') return revocationUndone;
    return { status: 200, body: viewRevocation(outcome) };
  };
}

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

const keysChanged = {
  status: 409,
  headers: { 'Retry-After': '1' },
  body: {
    detail:
      'Another process has just changed the keys, or the new signer was revoked or changed at once, or nothing stands by.',
    conflict: 'changed',
  },
} as const;

const revocationUndone = {
  status: 409,
  body: {
    detail:
      'A row of the key was revoked, but was gone or no longer revoked when read again. Somebody else writes to the database.',
  },
} as const;

function notSigner(signer: string) {
  return {
    status: 409,
    headers: {},
    body: { detail: `${signer} signs, and not the key that is to be rotated.`, conflict: 'not_signer', signer },
  } as const;
}

/** The clock may have moved on since the outcome. */
function tooSoon({ kid, safeAt }: Extract<RotationOutcome, { kind: 'too-soon' }>, now: number) {
  return {
    status: 409,
    headers: { 'Retry-After': String(Math.max(safeAt - now, 1)) },
    body: {
      detail: `Some verifier may not have fetched ${kid} yet.`,
      conflict: 'too_soon',
      safe_at: toRfc3339(safeAt),
    },
  } as const;
}
