/** The result in one plain line, for programs that read it. */
import type { Reporter, TestModule } from 'vitest/node';

export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.filter((suite) => suite.errors().length > 0).length + unhandledErrors.length;
    const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
    const failed = inState('failed') + inState('pending') + broken;
    console.log(`${inState('passed')} passed, ${failed} failed, ${inState('skipped')} skipped`);
  }
}
