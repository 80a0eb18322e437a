/** The signing keys, for whoever looks after them. */
import { viewKeys, viewRevocation, viewRotation } from '../views/keys.ts';
import { toRfc3339 } from '../clock.ts';
import type { Handler } from '../http/contract.ts';
import type { KeyOffice } from '../keys/changes/key-office.ts';
import { revokeKey as revoke } from '../keys/changes/revocation.ts';
import { type RotationOutcome, rotateKeys as rotate } from '../keys/changes/rotation.ts';
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
