import {
  amount,
  type Exemplar,
  hashOf,
  numberText,
  type Outcome,
  type Pair,
  type Tally,
  wholeSpending,
} from "@rag-instruct/core";
import {
  adoptStages,
  openOutcomeFiles,
  type Replace,
  type RunFolder,
  readJsonl,
  readRunFolder,
  refuseLoss,
  type StageOrigin,
  writeAtomic,
} from "@rag-instruct/core/node";
import { decontaminationFile, type ForbiddenFiles } from "./decontaminate/decontaminate.ts";
import { type SetReport, setReportFile } from "./set-report/report.ts";
import { setReport } from "./set-report/set-report.ts";
import { type BudgetStop, budgetStop, watchBudget } from "./synthesis/early-stop.ts";
import { pairStakes } from "./synthesis/pair-stakes.ts";
import { type VerifyLevel, type VerifyOptions, verify } from "./verify/verify.ts";

const stageName = "synthesize";
const [accepted, refused] = ["pairs.jsonl", "rejected.jsonl"];
// What finds noise documents for pairs, whoever wrote them.
const foundBy = ["ingest", "embed", "index", "share"];

/** Options of {@link openGivenPairs}. */
export interface GivenPairsOptions {
  folder: RunFolder;
  /** The command that puts them there. */
  by: "verify" | "assemble";
  /** A hash of the pairs as they were given, and what else decides what is kept of them. */
  inputs: StageOrigin["inputs"] & { pairs: string };
  replace: Replace;
}

/** Pairs on their way into a run folder. What is not committed leaves nothing. */
export interface GivenPairs extends AsyncDisposable {
  /** Writes outcomes as they pass. */
  writing<O extends Outcome<Pair>>(outcomes: AsyncIterable<O>): AsyncGenerator<O>;
  tally(): Tally;
  /** Puts what was written in the place of the pairs that are there. */
  commit(): Promise<void>;
  /**
   * Makes the folder a run of its own, which `assemble`, `export` and `search` take as it is.
   * @param from the run whose passages the pairs were written from: its passages and indexes are linked, so that it may go. @default none
   * @param files what else of that run is taken along. @default nothing
   */
  record(from?: string, files?: readonly string[]): Promise<void>;
}

/**
 * Opens a run folder for pairs that the run did not write itself, in the place of those that it writes. Throws `file-exists` where they
 * would replace others, or some that were edited by hand, and that is not allowed.
 */
export async function openGivenPairs({ folder, by, inputs, replace }: GivenPairsOptions): Promise<GivenPairs> {
  const start = performance.now();
  const origin = { key: "", lineage: hashOf([by, inputs.pairs]), inputs };
  const stage = {
    name: stageName,
    needs: [],
    inputs,
    outputs: [accepted, refused],
    stakes: pairStakes(stageName),
    run: async () => ({ counts: {} }),
  };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  const written = await openOutcomeFiles<Pair>({ accepted: folder.path(accepted), refused: folder.path(refused) });
  return {
    writing: written.writing,
    tally: written.tally,
    async commit() {
      await folder.begin(stageName, origin);
      await folder.replacing(stageName);
      await written.commit();
    },
    async record(from, files) {
      if (from !== undefined) await adoptStages(foundBy, { from: await readRunFolder(from), into: folder, files });
      const outputs = await folder.describe(stage.outputs);
      const { requested, accepted, rejected, failed } = written.tally();
      const counts = { requested, accepted, rejected, failed };
      const seconds = Math.round(performance.now() - start) / 1000;
      const { lineage } = origin;
      await folder.record(stageName, {
        key: hashOf([inputs, outputs]),
        lineage,
        inputs,
        outputs,
        counts,
        seconds,
        given: by,
      });
    },
    [Symbol.asyncDispose]: written.close,
  };
}

/** Pairs as outcomes that are accepted as they are. */
export async function* asAccepted(pairs: AsyncIterable<Pair>): AsyncGenerator<Outcome<Pair>> {
  for await (const value of pairs) yield { status: "accepted", id: value.id, value };
}

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
