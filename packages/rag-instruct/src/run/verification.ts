import { join } from "node:path";
import {
  type Exemplar,
  type OnProgress,
  type Pair,
  RagInstructError,
  type Tally,
  wholeSpending,
} from "@rag-instruct/core";
import { lazyCalls } from "@rag-instruct/core/calls";
import { openOutcomeFiles, openRunFolder, type Replace, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import {
  type BudgetStop,
  budgetStop,
  decontaminationFile,
  readPairs,
  type SetReport,
  setReport,
  type VerifyLevel,
  verify,
  watchBudget,
} from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { openForbiddenFiles } from "./benchmarks.ts";
import { callsOptions } from "./calls.ts";
import { type BeforeCalls, expectVerification } from "./expected.ts";
import { setReportFile } from "./folder.ts";
import { checkGiven, givenFiles, makeGivenRun } from "./given-run.ts";
import { openModel } from "./models.ts";

/** What {@link runVerification} verifies and how. */
export interface VerificationConfig extends Omit<ResolvedConfig, "exemplars" | "verify"> {
  /** File of pairs. */
  pairs: string;
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string;
  level: VerifyLevel;
  /** Folder of what comes out; made when it is not there. */
  to: string;
  /** Path of the ledger, so that replies are shared with a run. @default `ledger.jsonl` in the folder */
  ledger?: string;
  /** File of the exemplars, so that none is repeated. @default it is not checked */
  exemplars?: string;
  /** Settings of the run whose passages the pairs were written from: then what comes out is a run too. @default none */
  of?: ResolvedConfig;
}

/** What a verification came to. */
export interface VerificationSummary extends Tally {
  set: SetReport;
  /** What was written. */
  files: string[];
  /** What the budget had no room for. @default none */
  stop?: BudgetStop;
}

interface VerificationWatch {
  /** Waited for before the first call, with what is about to be called. */
  beforeCalls?: BeforeCalls;
  /** As for a run, of what is in the folder. @default false */
  replace?: Replace;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Verifies pairs that exist already, takes out duplicates and what is in benchmarks, and writes `pairs.jsonl`, `rejected.jsonl`,
 * `set-report.json` and, where benchmarks are named, `decontamination.json`, into a run folder that `assemble` takes as it is. One
 * that was cut short goes on from the ledger. Throws `file-exists` where the folder holds other pairs, or some that were edited by hand.
 */
export async function runVerification(
  config: VerificationConfig,
  { beforeCalls, replace = false, onProgress = () => {}, signal }: VerificationWatch = {},
): Promise<VerificationSummary> {
  const { to, level, model, exemplars, benchmarks, duplicates, seed, language } = config;
  const isAsked = level !== "lexical";
  if (isAsked && model === "offline") {
    throw new RagInstructError(
      "bad-option",
      `the offline model cannot judge: name a model with --model for level ${level}`,
    );
  }
  const start = performance.now();
  await using folder = await openRunFolder(to);
  const checked = await checkGiven({ by: "verify", files: [config.pairs], level }, { folder, replace });
  const forbidden =
    Object.keys(benchmarks).length > 0 ? await openForbiddenFiles(benchmarks, { onProgress, signal }) : undefined;
  await using opened = isAsked ? await openModel(model, { signal, onProgress }) : undefined;
  const beforeFirst = beforeCalls && (async () => beforeCalls(await expectVerification(config, signal)));
  await using ledger = lazyCalls({ ...callsOptions(config, config.ledger ?? join(to, "ledger.jsonl")), beforeFirst });
  const calls = isAsked ? await ledger.open() : undefined;
  const outcomes = verify({
    pairs: readPairs(config.pairs, { paradigm: config.paradigm, signal }),
    level,
    paradigms: config.paradigms,
    onProgress,
    signal,
    calls,
    model: opened?.model,
    exemplars: exemplars ? readJsonl<Exemplar>(exemplars, { signal, mayBeMissing: true }) : undefined,
    language,
    duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
    forbidden: forbidden?.texts,
  });
  const budgeted = watchBudget(forbidden ? forbidden.watching(outcomes) : outcomes);
  await using written = await openOutcomeFiles<Pair>({
    accepted: join(to, "pairs.jsonl"),
    refused: join(to, "rejected.jsonl"),
  });
  const set = await setReport({ outcomes: written.writing(budgeted.outcomes), seed, signal });
  await folder.begin("synthesize", checked);
  await folder.replacing("synthesize");
  await written.commit();
  await writeAtomic(join(to, setReportFile), `${JSON.stringify(set, null, 2)}\n`);
  await forbidden?.writeReport(join(to, decontaminationFile));
  const names = [...givenFiles, setReportFile, ...(forbidden ? [decontaminationFile] : [])];
  const { requested, accepted, rejected, failed } = written.tally();
  const seconds = Math.round(performance.now() - start) / 1000;
  const counts = { requested, accepted, rejected, failed };
  const run = config.of && { ...config.of, to, verify: level };
  const pairs = { ...checked, counts, seconds, files: givenFiles };
  await makeGivenRun({ folder, config: run, from: config.of?.to, pairs, by: "verify" });
  const { usd } = wholeSpending((await calls?.spending()) ?? {});
  const stop = budgetStop({ requested: requested - budgeted.unpaid(), unpaid: budgeted.unpaid() }, { usd });
  return { ...written.tally(), set, stop, files: names.map((name) => join(to, name)) };
}
