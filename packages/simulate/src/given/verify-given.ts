import { amount, type Exemplar, numberText, type Tally, wholeSpending } from "@rag-instruct/core";
import { type RunFolder, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { decontaminationFile, type ForbiddenFiles } from "../decontaminate/forbidden-files.ts";
import { type SetReport, setReportFile } from "../set-report/report.ts";
import { setReport } from "../set-report/set-report.ts";
import { type BudgetStop, budgetStop, watchBudget } from "../synthesis/budget-stop.ts";
import { type VerifyLevel, type VerifyOptions, verify } from "../verify/verify.ts";
import type { GivenPairs } from "./given-pairs.ts";

/** Options of {@link verifyGiven}. */
export interface VerifyGivenOptions extends Omit<VerifyOptions, "exemplars" | "forbidden"> {
  folder: RunFolder;
  /** File of the exemplars, so that none is repeated. @default it is not checked */
  exemplars?: string;
  forbidden?: ForbiddenFiles;
  /** Of what is drawn for the figures. @default 1 */
  seed?: number;
  /** The run whose passages the pairs were written from. @default none is known */
  from?: string;
}

/** What a verification came to. */
export interface VerificationSummary extends Tally {
  set: SetReport;
  /** What was written. */
  files: string[];
  /** What the budget had no room for. @default none */
  stop?: BudgetStop;
}

/**
 * Verifies pairs that exist already into a run folder: `pairs.jsonl`, `rejected.jsonl`, `set-report.json` and, with forbidden texts,
 * `decontamination.json`. Throws what {@link verify} throws; what is there then stays.
 */
export async function verifyGiven(given: GivenPairs, options: VerifyGivenOptions): Promise<VerificationSummary> {
  const { folder, exemplars: from, forbidden, seed, signal, calls } = options;
  const exemplars = from === undefined ? undefined : readJsonl<Exemplar>(from, { signal, mayBeMissing: true });
  const outcomes = verify({ ...options, exemplars, forbidden: forbidden?.texts });
  const budgeted = watchBudget(forbidden ? forbidden.watching(outcomes) : outcomes);
  const set = await setReport({ outcomes: given.writing(budgeted.outcomes), seed, signal });
  await given.commit();
  await writeAtomic(folder.path(setReportFile), `${JSON.stringify(set, null, 2)}\n`);
  await forbidden?.writeReport(folder.path(decontaminationFile));
  // Exemplars are for the report, which says where a question repeats its own.
  await given.record(options.from, ["exemplars.jsonl"]);
  const names = ["pairs.jsonl", "rejected.jsonl", setReportFile, ...(forbidden ? [decontaminationFile] : [])];
  const tally = given.tally();
  const unpaid = budgeted.unpaid();
  const stop = budgetStop(
    { requested: tally.requested - unpaid, unpaid },
    wholeSpending((await calls?.spending()) ?? {}),
  );
  return { ...tally, set, stop, files: names.map((name) => folder.path(name)) };
}

/** What a verification came to, in lines: how many are accepted, and why the others are not. */
export function verificationLines(summary: VerificationSummary, level: VerifyLevel): string[] {
  const { accepted, rejected, failed, requested, set } = summary;
  const { calls, proofCalls } = set.verification;
  const proof = proofCalls.items > 0 ? `, ${proofCalls.mean.toFixed(2)} a proof` : "";
  const asked = calls.total > 0 ? `; ${calls.mean.toFixed(2)} calls a verdict${proof}` : "";
  const counts = `${amount(accepted, "pair")} accepted + ${numberText(rejected)} rejected + ${numberText(failed)} failed`;
  return [
    `${counts} = ${numberText(requested)} verified at level ${level}${asked}`,
    ...Object.entries(set.reasons).map(([reason, times]) => `  ${numberText(times).padStart(7)}  ${reason}`),
    "",
  ];
}
