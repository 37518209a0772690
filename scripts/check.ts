import { run } from "./run.ts";

/** What `npm test` proves, in order. Each check that is not a vitest run counts as one in the closing line. */
const checks = [
  { name: "lint", command: "biome check --error-on-warnings ." },
  { name: "types", command: "tsc --noEmit -p tsconfig.json" },
  { name: "types of the report's page", command: "tsc --noEmit -p packages/viewer/src/page" },
  { name: "build", command: "turbo run build --output-logs=errors-only --no-update-notifier" },
  { name: "dependency star", command: "depcruise --config .dependency-cruiser.cjs packages" },
  { name: "unused code", command: "knip --no-progress --no-config-hints" },
];

const counts = { passed: 0, failed: 0, skipped: 0 };

for (const { name, command } of checks) {
  const { code, output } = await run(command);
  counts[code === 0 ? "passed" : "failed"] += 1;
  if (code !== 0) console.error(`\nFAILED ${name}: ${command}\n${output}`);
}

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
