/**
 * fast-check for property and model tests. The suite tries the same cases in every run, so that it says something of the
 * change at hand and not of chance; `FUZZ_SEED=random` tries others, and a number those of that seed. `npm run test:quick` sets
 * `FUZZ_SHARE`, and tries that share of the cases of each property.
 */
import fc from 'fast-check';

const seed = process.env['FUZZ_SEED'] ?? '1';
const share = Number(process.env['FUZZ_SHARE'] ?? 1);
if (!(share > 0 && share <= 1)) throw new Error('FUZZ_SHARE must be more than 0 and at most 1.');

/** How many cases to try of `all`. */
export function cases(all: number): number {
  return Math.ceil(all * share);
}

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  numRuns: cases(100),
  ...(seed !== 'random' && { seed: Number(seed) }),
});

export default fc;
