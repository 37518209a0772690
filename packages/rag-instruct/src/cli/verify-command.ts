import { join, relative } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import type { VerifyLevel } from "@rag-instruct/simulate";
import { isThere } from "../stages/fingerprint.ts";
import { runVerification, type VerificationSummary } from "../verification.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { count } from "./progress.ts";
import { readSettings } from "./settings.ts";

const levels: readonly VerifyLevel[] = ["lexical", "judge", "proof"];

/** The flags of `verify`. */
export interface VerifyFlags extends RunFlags {
  level: string;
  output?: string;
}

/** Verifies pairs and says what stands, why the others do not, and where they are. */
export async function verifyCommand(
  file: string | undefined,
  { level, output, paradigm, ...flags }: VerifyFlags,
  { view, signal }: CommandContext,
): Promise<Answer> {
  if (!isLevel(level)) throw new RagInstructError("bad-option", `--level ${level} is none of ${levels.join(", ")}`);
  if (paradigm && paradigm.length > 1)
    throw new RagInstructError("bad-option", "--paradigm names one paradigm, for the records that name none");
  // No document is read: pairs bring theirs.
  const { exemplars: _, ...config } = await readSettings({ flags, needsDocuments: false });
  const inRun = (name: string) => join(config.to, name);
  const pairs = file ?? inRun("pairs.jsonl");
  if (!(await isThere(pairs)))
    throw new RagInstructError(
      "file-missing",
      `${pairs} is not there; name a file of pairs, or a run folder with --to`,
    );
  const summary = await runVerification(
    {
      ...config,
      pairs,
      level,
      paradigm: paradigm?.[0],
      to: output ?? inRun("verified"),
      // A run's pairs share its replies and its budget.
      ledger: file === undefined ? inRun("ledger.jsonl") : undefined,
      exemplars: file === undefined ? inRun("exemplars.jsonl") : undefined,
    },
    { onProgress: view.onProgress, signal },
  );
  return { text: describe(summary, level), json: summary };
}

function isLevel(level: string): level is VerifyLevel {
  return (levels as readonly string[]).includes(level);
}

function describe({ accepted, rejected, failed, requested, set, files }: VerificationSummary, level: string): string {
  const { calls, proofCalls } = set.verification;
  const proof = proofCalls.items > 0 ? `, ${proofCalls.mean.toFixed(2)} a proof` : "";
  const asked = calls.total > 0 ? `; ${calls.mean.toFixed(2)} calls a verdict${proof}` : "";
  const reasons = Object.entries(set.reasons).map(
    ([reason, times]) => `  ${String(count(times)).padStart(7)}  ${reason}`,
  );
  return [
    `${count(accepted)} pairs accepted + ${count(rejected)} rejected + ${count(failed)} failed = ${count(requested)} verified at level ${level}${asked}`,
    ...reasons,
    "",
    ...files.map((file) => `  ${relative(process.cwd(), file) || file}`),
    "",
  ].join("\n");
}
