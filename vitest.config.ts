import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./scripts/sequencer.ts";

// Threads and processes that tests start by the hundred take their TypeScript from here: starting is twice as fast, and Node 24
// now and then crashes where many threads strip types at once (V8 frees a wrapper of that module's code twice).
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/node", import.meta.url));

const conditions = ["@rag-instruct/source", "node"];
// Silent while all is well; who watches wants to see every test.
const isWatching = !process.argv.includes("run");

// Packages whose tests leave nothing behind in their process: one for many of their files, which load what they share once.
const plain = ["core", "corpus", "paradigms", "simulate", "format", "eval", "viewer", "rag-instruct"];
const plainTests = plain.map((name) => `packages/${name}/src/**/*.test.ts`);

export default defineConfig({
  resolve: { conditions },
  // Node's own conditions stay as they are: "import" for a require() breaks packages that hold both kinds.
  ssr: { resolve: { conditions, externalConditions: ["@rag-instruct/source"] } },
  test: {
    // No test needs so long: what waits for a condition must be able to wait where ten others want the same core.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 150_000 } },
    pool: "forks",
    // Many files wait for servers and processes most of their time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: [isWatching ? "default" : "./scripts/count-reporter.ts"],
    globalSetup: ["./scripts/before-tests.ts"],
    setupFiles: ["./scripts/no-noise.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "apart",
          include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
          // The defaults keep out the packages that tests/node_modules links to.
          exclude: [...configDefaults.exclude, ...plainTests],
        },
      },
      { extends: true, test: { name: "together", include: plainTests, isolate: false } },
    ],
  },
});
