/** Processes that rotate the keys of one database at the same moment, a thousand times over. */
import { type Race, race } from '../support/keys/race.ts';
import type { Outcome, Say } from '../support/outcome.ts';

const kinds: readonly Race['kind'][] = ['the signer', 'any signer', 'beside a revocation'];

/** The part of the soak: as many `rounds` of each kind, for two processes and for four. */
export async function raceRotations(rounds: number, say: Say): Promise<Outcome> {
  const failures: string[] = [];
  const summaries: string[] = [];
  for (const processes of [2, 4])
    for (const kind of kinds) {
      // Revoked keys stay in the table for good, and every look reads them all.
      const asked = kind === 'beside a revocation' ? Math.ceil(rounds / 10) : rounds;
      const finish = await race({ processes, kind, rounds: asked });
      const name = `${processes} processes, ${kind}`;
      const pace = `${Math.round(finish.pace)} ms each`;
      const summary = `${name}: ${finish.rounds} rounds, ${finish.contested} of them contested, ${pace}`;
      say(`races: ${summary}, ${finish.looks} looks, ${finish.faults.length} faults`);
      summaries.push(summary);
      failures.push(...finish.faults.map((fault) => `races: ${name}: ${fault}`));
      if (finish.rounds < asked) failures.push(`races: ${name}: ended before its time`);
    }
  return { name: 'races', passed: failures.length === 0, summary: summaries.join('; '), failures };
}
