import { defineConfig } from "vitest/config";

const conditions = ["@rag-instruct/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    reporters: ["./scripts/count-reporter.ts"],
    setupFiles: ["./scripts/no-noise.ts"],
  },
});
