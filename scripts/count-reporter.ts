import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

/** A quiet reporter: failures, skipped tests with their names, and one line of counts. Silence is what passing sounds like. */
export default class CountReporter implements Reporter {
  #counts = { passed: 0, failed: 0, skipped: 0 };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === "pending") return;
    this.#counts[result.state] += 1;
    if (result.state === "skipped") console.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}`);
    for (const error of result.errors ?? []) {
      console.error(`\nFAILED ${test.module.relativeModuleId} > ${test.fullName}\n${error.stack ?? error.message}`);
      if (error.diff) console.error(error.diff);
    }
  }

  onTestModuleEnd(module: TestModule): void {
    this.#tellErrors(module, module.relativeModuleId);
  }

  /** What its hooks throw; the tests themselves are then reported as skipped. */
  onTestSuiteResult(suite: TestSuite): void {
    this.#tellErrors(suite, `${suite.module.relativeModuleId} > ${suite.fullName}`);
  }

  #tellErrors(of: TestModule | TestSuite, name: string): void {
    for (const error of of.errors()) {
      this.#counts.failed += 1;
      console.error(`\nFAILED ${name}\n${error.stack ?? error.message}`);
    }
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly { stack?: string; message?: string }[]): void {
    for (const error of unhandled) {
      this.#counts.failed += 1;
      console.error(`\nFAILED outside any test\n${error.stack ?? error.message}`);
    }
    const { passed, failed, skipped } = this.#counts;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
