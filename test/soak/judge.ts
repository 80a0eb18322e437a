/** What a tally comes to. */
import type { Outcome } from '../support/outcome.ts';
import { type Failure, type Tally, summarize } from '../support/rotations/tally.ts';

/** A proof with more holes than this, as a share of all looks, is none. */
const MOST_LATE = 0.01;

/** What a tally comes to, when `rotations` were to be seen. */
export function judge(name: string, tally: Tally, rotations: number): Outcome {
  const failures = tally.failures.map(describeFailure);
  if (tally.rotations < rotations)
    failures.push(`${name}: only ${tally.rotations} of ${rotations} rotations were seen`);
  if (tally.late > MOST_LATE * (tally.verifications + tally.late))
    failures.push(
      `${name}: ${tally.late} looks came too late to tell anything: a server is slow, or the machine too busy`,
    );
  return { name, passed: failures.length === 0, summary: summarize(tally), failures };
}

export function addUp(tallies: readonly Tally[]): Tally {
  const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0);
  return {
    rotations: sum((tally) => tally.rotations),
    tokens: sum((tally) => tally.tokens),
    verifications: sum((tally) => tally.verifications),
    late: sum((tally) => tally.late),
    failures: tallies.flatMap((tally) => tally.failures),
  };
}

function describeFailure({ verifier, moment, at, kid, message }: Failure): string {
  return `${at}  ${verifier}  ${moment}  ${kid}  ${message}`;
}
