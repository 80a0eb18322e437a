/** Many rotations, in times as short as the inequalities of the configuration allow. */
import type { Outcome, Say } from '../support/outcome.ts';
import { watchRotations } from '../support/rotations/watch-rotations.ts';
import { judge } from './judge.ts';

/** The part of the soak: `rotations` of them, none of which a verifier may notice. */
export async function accelerated(rotations: number, say: Say): Promise<Outcome> {
  return judge('accelerated', await watchRotations(rotations, { say }), rotations);
}
