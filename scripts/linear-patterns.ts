// Whether any pattern of the sources can take more than linear time: by quantifiers that share characters, or by a search that begins anew at
// each place of a long run. `tests/linear-time.test.ts` measures the same patterns on texts that are made to be slow.
//   node --conditions=@rag-instruct/source scripts/linear-patterns.ts
import { analyse } from "scslre";
import { sourcePatterns } from "./source-patterns.ts";

/** Patterns that are reported and meet no text of others, each with what they meet. */
const exceptions: Readonly<Record<string, string>> = {
  "/,(?![^{}]*\\})/": "a flag of the command line",
  "/\\/+$/": "an address of the config or the environment",
};

const patterns = await sourcePatterns();
let slow = 0;
for (const { pattern, place } of patterns) {
  if (exceptions[String(pattern)]) continue;
  const { reports } = analyse(pattern, { reportTypes: { Move: true, Self: true, Trade: true } });
  if (reports.length === 0) continue;
  slow++;
  const time = reports.some(({ exponential }) => exponential) ? "exponential" : "quadratic or worse";
  const runs = [...new Set(reports.map(({ character }) => character.literal.source))].join(" ");
  console.error(`${place}: ${pattern}\n  ${time} on runs of ${runs}`);
}
if (slow > 0) {
  console.error(
    `${slow} of ${patterns.length} patterns can take more than linear time. Let no two quantifiers side by side share characters, forbid the ` +
      "opening mark within a quoted part, bound a repetition ({0,80}), or cut the text without a pattern (trimEnds of core).",
  );
  process.exitCode = 1;
}
