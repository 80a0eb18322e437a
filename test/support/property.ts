/**
 * fast-check for property and model tests. The suite tries the same cases in every run, so that it says something of the
 * change at hand and not of chance; `FUZZ_SEED=random` tries others, and a number those of that seed.
 */
import fc from 'fast-check';

const seed = process.env['FUZZ_SEED'] ?? '1';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

export default fc;
