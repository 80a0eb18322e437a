/** What is to be done when a test ends. Knows whose end is meant where several tests run at once, as Vitest itself does not. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type TestContext, onTestFinished } from 'vitest';

/** The test that is running; `each-test.ts` sees to it. */
export const tests = new AsyncLocalStorage<TestContext>();

/** Called from within a test; what was asked for last is done first. */
export function whenTestEnds(work: () => unknown): void {
  const finish = async () => {
    await work();
  };
  const test = tests.getStore();
  if (test === undefined) onTestFinished(finish);
  else test.onTestFinished(finish);
}
