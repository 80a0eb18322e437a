import type { StoredRows } from './key-facts.ts';
import type { Trust, Verdict } from './trust.ts';

/** Whoever can write to the database can make any number of rows: so many of a kind are named, and the others counted. */
export const mostNamed = 20;

/** How many rows that are not revoked are left out, by why. */
export type LeftOut = Readonly<Record<'rejected' | 'waiting', number>>;

export function countLeftOut({ keys, verifyOnly }: StoredRows, trust: Trust): LeftOut {
  const judged = [
    ...keys.map((key) => ({ key, verdict: trust.signing.get(key.kid)?.verdict })),
    ...verifyOnly.map((key) => ({ key, verdict: trust.verifyOnly.get(key.kid)?.verdict })),
  ].filter(({ key }) => key.revokedAt === null);
  const count = (kind: Verdict['kind']) => judged.filter(({ verdict }) => verdict?.kind === kind).length;
  return { rejected: count('rejected'), waiting: count('waiting') };
}
