import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Threads and processes that tests start by the hundred take their TypeScript from here: starting is twice as fast, and Node 24
// now and then crashes where many threads strip types at once (V8 frees a wrapper of that module's code twice).
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/node", import.meta.url));

const conditions = ["@rag-instruct/source", "node"];
// Silent while all is well; who watches wants to see every test.
const isWatching = !process.argv.includes("run");

export default defineConfig({
  resolve: { conditions },
  // Node's own conditions stay as they are: "import" for a require() breaks packages that hold both kinds.
  ssr: { resolve: { conditions, externalConditions: ["@rag-instruct/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Many files wait for servers and processes most of their time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: [isWatching ? "default" : "./scripts/count-reporter.ts"],
    globalSetup: ["./scripts/before-tests.ts"],
    setupFiles: ["./scripts/no-noise.ts"],
  },
});
