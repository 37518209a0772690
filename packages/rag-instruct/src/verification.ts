import { join } from "node:path";
import { counted, type Exemplar, type OnProgress, RagInstructError, type Tally } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { openAtomic, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { type SetReport, setReport, type VerifyLevel, type VerifyOutcome, verify } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "./config.ts";
import { openForbiddenFiles, reportName } from "./forbidden-files.ts";
import { resolveModel } from "./models.ts";
import { readPairs } from "./read-pairs.ts";
import { setReportName } from "./write-set-report.ts";

type Settings = Pick<
  ResolvedConfig,
  | "model"
  | "paradigms"
  | "language"
  | "duplicates"
  | "benchmarks"
  | "concurrency"
  | "budget"
  | "prices"
  | "limits"
  | "seed"
>;

/** What {@link runVerification} verifies and how. */
export interface VerificationConfig extends Settings {
  /** File of pairs. */
  pairs: string;
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string | undefined;
  level: VerifyLevel;
  /** Folder of what comes out; made when it is not there. */
  to: string;
  /** Path of the ledger, so that replies are shared with a run. @default `ledger.jsonl` in the folder */
  ledger?: string;
  /** File of the exemplars, so that none is repeated. @default it is not checked */
  exemplars?: string;
}

/** What a verification came to. */
export interface VerificationSummary extends Tally {
  set: SetReport;
  /** What was written. */
  files: string[];
}

/**
 * Verifies pairs that exist already, takes out duplicates and what stands in benchmarks, and writes `pairs.jsonl`, `rejected.jsonl`,
 * `set-report.json` and, where benchmarks are named, `decontamination.json`. One that was cut short goes on from the ledger.
 */
export async function runVerification(
  config: VerificationConfig,
  { onProgress = () => {}, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<VerificationSummary> {
  const { to, level, model, exemplars, benchmarks, duplicates, seed, language } = config;
  if (level !== "lexical" && model === "offline") {
    throw new RagInstructError(
      "bad-option",
      `the offline model cannot judge: name a model with --model for level ${level}`,
    );
  }
  const passed = signal ? { signal } : {};
  const forbidden =
    Object.keys(benchmarks).length > 0 ? await openForbiddenFiles(benchmarks, { onProgress, signal }) : undefined;
  await using calls = level === "lexical" ? undefined : await openLedger(config);
  const outcomes = verify({
    pairs: readPairs(config.pairs, { paradigm: config.paradigm, signal }),
    level,
    paradigms: config.paradigms,
    onProgress,
    ...passed,
    calls,
    model: calls ? resolveModel(model) : undefined,
    exemplars: exemplars ? readJsonl<Exemplar>(exemplars, { signal, mayBeMissing: true }) : undefined,
    language,
    duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
    forbidden: forbidden ? forbidden.texts : undefined,
  });
  const stream = counted(forbidden ? forbidden.watch(outcomes) : outcomes);
  await using files = await openVerdictFiles(to);
  const set = await setReport({ outcomes: files.writing(stream.outcomes), seed, ...passed });
  await files.commit();
  await writeAtomic(join(to, setReportName), `${JSON.stringify(set, null, 2)}\n`);
  await forbidden?.writeReport(join(to, reportName));
  const names = ["pairs.jsonl", "rejected.jsonl", setReportName, ...(forbidden ? [reportName] : [])];
  return { ...stream.tally(), set, files: names.map((name) => join(to, name)) };
}

function openLedger({
  to,
  ledger = join(to, "ledger.jsonl"),
  concurrency,
  budget,
  prices,
  limits,
}: VerificationConfig) {
  return openCalls({
    ledger,
    prices,
    concurrency: { max: concurrency },
    budget,
    limits,
  });
}

/** The files of pairs that stand and of those that do not, whole or not at all. */
async function openVerdictFiles(to: string) {
  const pairs = await openAtomic(join(to, "pairs.jsonl"));
  const rejected = await openAtomic(join(to, "rejected.jsonl"));
  return {
    async *writing(outcomes: AsyncIterable<VerifyOutcome>): AsyncGenerator<VerifyOutcome> {
      for await (const outcome of outcomes) {
        if (outcome.status === "accepted") await pairs.write(lineOf(outcome.value));
        else await rejected.write(lineOf(plain(outcome)));
        yield outcome;
      }
    },
    async commit() {
      await pairs.commit();
      await rejected.commit();
    },
    async [Symbol.asyncDispose]() {
      await pairs.discard();
      await rejected.discard();
    },
  };
}

function plain(outcome: Exclude<VerifyOutcome, { status: "accepted" }>): unknown {
  return outcome.status === "failed" ? { ...outcome, error: outcome.error.message } : outcome;
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
