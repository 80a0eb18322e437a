/** Runs tests by the end of their path and a part of their title, in a vitest of its own. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedTests } from '../support/mutation.ts';
import { runInTime } from './child.ts';

export type RanTest = { readonly file: string; readonly title: string; readonly failure: string | null };

export type Run = {
  readonly tests: readonly RanTest[];
  /** What was wrong around the tests: a file that did not load, a run that took too long. */
  readonly faults: readonly string[];
};

/** As vitest writes it with `--reporter=json`. */
type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
};

/** `root` is the tree in which they run. All of `named` are of one project, and have a title all, or none of them. */
export async function runTests(
  root: string,
  named: readonly NamedTests[],
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<Run> {
  const output = join(root, 'mutation-report.json');
  await rm(output, { force: true });
  const titles = [...new Set(named.flatMap(({ title }) => (title === undefined ? [] : [title])))];
  const files = [...new Set(named.map(({ path }) => `/${path}.test.ts`))];
  const child = await runInTime(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...files,
      `--project=${named[0]?.project ?? '!postgres'}`,
      // Less than the limit of a run, so that a test which hangs is named.
      '--testTimeout=60000',
      '--reporter=json',
      `--outputFile=${output}`,
      ...(titles.length === 0 ? [] : [`--testNamePattern=${titles.map(escaped).join('|')}`]),
    ],
    // What tests leave behind when they are ended goes with the tree.
    { cwd: root, env: { TMPDIR: join(root, 'tmp') }, timeout, signal },
  );
  if (child.isLate) return { tests: [], faults: [`not over after ${timeout / 1000} s`] };
  const text = await readFile(output, 'utf8').catch(() => undefined);
  if (text === undefined) return { tests: [], faults: [child.output.trim() || 'vitest left no report'] };
  return resultsIn(JSON.parse(text) as Report);
}

function escaped(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function resultsIn({ testResults }: Report): Run {
  const tests: RanTest[] = [];
  const faults: string[] = [];
  for (const { name: file, message, assertionResults } of testResults) {
    const ran = assertionResults.filter(({ status }) => status === 'passed' || status === 'failed');
    for (const { ancestorTitles, title, status, failureMessages } of ran)
      tests.push({
        file,
        title: [...ancestorTitles, title].join(' > '),
        failure: status === 'failed' ? (failureMessages?.[0] ?? 'it failed') : null,
      });
    if (message !== '') faults.push(`${file}: ${message}`);
  }
  return { tests, faults };
}

/** Those of `ran` that a patch names. */
export function testsNamed({ path, title }: NamedTests, ran: readonly RanTest[]): RanTest[] {
  return ran.filter((test) => test.file.endsWith(`/${path}.test.ts`) && test.title.includes(title ?? ''));
}
