import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, by their paths: begun last, one of them would go on alone when all others are through. */
const longest = ["tests/markdown", "tests/real-model", "tests/linear-time", "tests/workers", "tests/packages"];

/** Begins with what takes longest, so that no file goes on alone in the end: those named, then whole runs, then all others by size. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      if (longest.some((path) => moduleId.includes(path))) return 0;
      return moduleId.includes("/tests/") ? 1 : 2;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
