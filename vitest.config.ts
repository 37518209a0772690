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
    reporters: ["./scripts/count-reporter.ts"],
    setupFiles: ["./scripts/no-noise.ts"],
  },
});
