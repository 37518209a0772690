import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["@rag-instruct/source", "node"];

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
    reporters: ["./scripts/count-reporter.ts"],
    setupFiles: ["./scripts/no-noise.ts"],
  },
});
