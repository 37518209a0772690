import { run } from "./run.ts";

/**
 * What `npm test` proves before the tests, two at a time: most of them keep one core busy. The longest comes first. Each counts as one
 * in the closing line.
 */
const checks = [
  { name: "build", command: "turbo run build --output-logs=errors-only --no-update-notifier" },
  { name: "lint", command: "biome check --error-on-warnings ." },
  { name: "linear patterns", command: "node --conditions=@rag-instruct/source scripts/linear-patterns.ts" },
  { name: "types", command: "tsc --noEmit -p tsconfig.json" },
  { name: "types of the report's page", command: "tsc --noEmit -p packages/viewer/src/page" },
  { name: "dependency star", command: "depcruise --config .dependency-cruiser.cjs packages" },
  { name: "unused code", command: "knip --no-progress --no-config-hints" },
];

const counts = { passed: 0, failed: 0, skipped: 0 };

const waiting = checks.values();
async function runNext(): Promise<void> {
  for (const { name, command } of waiting) {
    const { code, output } = await run(command);
    counts[code === 0 ? "passed" : "failed"] += 1;
    if (code !== 0) console.error(`\nFAILED ${name}: ${command}\n${output}`);
  }
}
await Promise.all([runNext(), runNext()]);

const unit = await run("vitest run");
const [closing = ""] = unit.output.match(/^\d+ passed, \d+ failed, \d+ skipped$/m) ?? [];
const rest = unit.output.replace(closing, "").trim();
if (rest) console.log(rest);
const [passed = 0, failed = 0, skipped = 0] = (closing.match(/\d+/g) ?? []).map(Number);
const crashed = unit.code !== 0 && failed === 0 ? 1 : 0;
counts.passed += passed;
counts.failed += failed + crashed;
counts.skipped += skipped;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
