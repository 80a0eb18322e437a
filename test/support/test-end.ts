/** What is to be done when a test ends. Knows whose end is meant where several tests run at once, as Vitest itself does not. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type TestContext, aroundEach, onTestFinished } from 'vitest';

const tests = new AsyncLocalStorage<TestContext>();
// Vitest wants the parts that are used named here.
aroundEach((run, { task }) => tests.run(task.context, run));

/** Called from within a test; what was asked for last is done first. */
export function whenTestEnds(work: () => unknown): void {
  const finish = async () => {
    await work();
  };
  const test = tests.getStore();
  if (test === undefined) onTestFinished(finish);
  else test.onTestFinished(finish);
}
