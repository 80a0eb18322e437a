/**
 * Changes the code on purpose, one patch at a time, and looks whether the tests notice: `npm run test:mutations`, with kinds
 * or slugs behind `--` for some of them. Exits with 0 only when every mutation is caught.
 *
 * To add one, make the change in `src/` or `openapi.yaml` such that it still type-checks, write `git diff` to
 * `test/mutations/<kind>/<slug>.patch`, take the change back, and put above the diff:
 *
 *     What: the successor may be repeated after its grace.
 *     Caught by: operations/tokens.refresh.reuse > any other use of a used refresh token > ends the session
 *     Project: postgres
 *
 * The first line says in one sentence what is broken. The second names the test file, without its lane and without
 * `.test.ts`, and a part of the title, with or without those of the blocks around it; it may be left out, which takes
 * longer. The third is needed where the tests run in the project `postgres`. A change that no test catches wants a test.
 * With `SHOW_FAILURES=1` in the environment each line says why the test failed: it should be for what the patch breaks.
 */
import { type Mutation, type NamedTests, kinds, readMutations } from '../support/mutation.ts';
import { type RanTest, runTests, testsNamed } from './named-tests.ts';
import { Tree } from './tree.ts';

/** Milliseconds for the tests of one mutation, and for all tests without any. */
const timeouts = { one: 120_000, all: 600_000 };

type Verdict = 'caught' | 'SURVIVED' | 'DOES NOT APPLY' | 'TESTS FAIL WITHOUT IT' | 'NO TEST RAN';

type Outcome = { readonly mutation: Mutation; readonly verdict: Verdict; readonly seconds: number };

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => {
    interrupt.abort(new Error(`Ended by ${name}.`));
  });

const mutations = await readMutations(process.argv.slice(2));
const tree = new Tree();
try {
  const beganAt = performance.now();
  const before = await runWithoutAny();
  const outcomes: Outcome[] = [];
  for (const mutation of mutations) outcomes.push(await judge(mutation, before));
  summarise(outcomes, secondsSince(beganAt));
  process.exitCode = outcomes.every(({ verdict }) => verdict === 'caught') ? 0 : 1;
} catch (error) {
  if (!interrupt.signal.aborted) throw error;
  console.error(String(interrupt.signal.reason));
  process.exitCode = 130;
} finally {
  tree.remove();
}

/** What the named tests say of the code as it is, in as few runs as there are kinds of them. */
async function runWithoutAny(): Promise<RanTest[]> {
  const beganAt = performance.now();
  const groups = Map.groupBy(
    mutations.map(({ tests }) => tests),
    ({ project = '', title }) => `${project} ${title === undefined ? 'files' : 'titles'}`,
  );
  const all: RanTest[] = [];
  for (const named of groups.values()) {
    const { tests, faults } = await runTests(tree.path, named, { timeout: timeouts.all, signal: interrupt.signal });
    all.push(...tests);
    for (const fault of faults) console.error(fault);
  }
  console.log(`${all.length} tests without any mutation, ${secondsSince(beganAt).toFixed(1)} s`);
  return all;
}

async function judge(mutation: Mutation, before: readonly RanTest[]): Promise<Outcome> {
  const beganAt = performance.now();
  const { verdict, reason } = await findVerdict(mutation, before);
  const seconds = secondsSince(beganAt);
  console.log([verdict.padEnd(21), mutation.slug.padEnd(54), `${seconds.toFixed(1)} s`.padStart(7), reason].join(' '));
  return { mutation, verdict, seconds };
}

async function findVerdict(
  mutation: Mutation,
  before: readonly RanTest[],
): Promise<{ verdict: Verdict; reason: string }> {
  const { tests: named } = mutation;
  const healthy = testsNamed(named, before);
  if (healthy.length === 0) return { verdict: 'NO TEST RAN', reason: `without it, of ${nameOf(named)}` };
  const ill = healthy.find(({ failure }) => failure !== null);
  if (ill !== undefined) return { verdict: 'TESTS FAIL WITHOUT IT', reason: ill.title };

  if (!tree.apply(mutation)) return { verdict: 'DOES NOT APPLY', reason: '' };
  try {
    const { tests, faults } = await runTests(tree.path, [named], { timeout: timeouts.one, signal: interrupt.signal });
    if (tests.length === 0) return { verdict: 'NO TEST RAN', reason: faults.join('\n') };
    const caught = tests.find(({ failure }) => failure !== null);
    if (caught === undefined) return { verdict: 'SURVIVED', reason: nameOf(named) };
    return { verdict: 'caught', reason: `${caught.title}${remarkOn(caught)}` };
  } finally {
    tree.takeOut(mutation);
  }
}

/** Why it failed in a few words, where somebody asks; a test that only hangs catches a mutation, and a better one is wanted. */
function remarkOn({ failure }: RanTest): string {
  if (process.env['SHOW_FAILURES'] !== undefined)
    return `\n    ${(failure ?? '').split('\n').slice(0, 6).join('\n    ')}`;
  return failure?.includes('timed out in') === true ? ' (timed out)' : '';
}

function nameOf({ path, title }: NamedTests): string {
  return title === undefined ? path : `${path} > ${title}`;
}

function summarise(outcomes: readonly Outcome[], seconds: number): void {
  console.log('');
  for (const kind of kinds) {
    const some = outcomes.filter(({ mutation }) => mutation.kind === kind);
    if (some.length > 0) console.log(`${kind.padEnd(17)} ${lineOf(some)}`);
  }
  console.log(`${'all'.padEnd(17)} ${lineOf(outcomes)}, ${Math.round(seconds)} s`);
}

function lineOf(outcomes: readonly Outcome[]): string {
  return `${outcomes.filter(({ verdict }) => verdict === 'caught').length} of ${outcomes.length} caught`;
}

function secondsSince(beganAt: number): number {
  return (performance.now() - beganAt) / 1000;
}
