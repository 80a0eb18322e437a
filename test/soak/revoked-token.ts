/** What becomes of a token whose key has been revoked: how soon Tessera refuses it, and how soon verifiers do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../support/error-message.ts';
import type { Verifier } from '../support/rotations/verifiers.ts';

export type Acceptance = {
  readonly verifier: Verifier;
  /** Milliseconds, epoch; the last time at which the token was still accepted. Null when it never was. */
  readonly lastAcceptedAt: number | null;
  /** Why it was refused; null when it still was not at the end. */
  readonly refusal: string | null;
};

/** Asks each verifier every second until it refuses the token, or until the moment `until`. */
export function measureAcceptance(
  verifiers: readonly Verifier[],
  token: string,
  until: number,
): Promise<readonly Acceptance[]> {
  return Promise.all(
    verifiers.map(async (verifier) => {
      let lastAcceptedAt: number | null = null;
      while (Date.now() < until) {
        try {
          await verifier.verify(token);
        } catch (error) {
          return { verifier, lastAcceptedAt, refusal: messageOf(error) };
        }
        lastAcceptedAt = Date.now();
        await sleep(1_000);
      }
      return { verifier, lastAcceptedAt, refusal: null };
    }),
  );
}

/** Milliseconds until `isAccepted` says no; null when it still has not after `patience` milliseconds. */
export async function timeUntilRefused(isAccepted: () => Promise<boolean>, patience: number): Promise<number | null> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < patience) {
    if (!(await isAccepted())) return performance.now() - startedAt;
    await sleep(250);
  }
  return null;
}
