import { mergeSpending, type OnProgress, type Progress, type SpendingByPurpose } from "@rag-instruct/core";
import { type CallsSummary, lazyCalls } from "@rag-instruct/core/calls";
import {
  checkStages,
  openRunFolder,
  type Replace,
  type Retries,
  type RunFolder,
  readRunFolder,
  recordedStatus,
  refuseLoss,
  requireRun,
  runStages,
  type StageResult,
  type StageStatus,
  stageStatuses,
  stagesUntil,
} from "@rag-instruct/core/node";
import { requireVectorEngine } from "@rag-instruct/retrieve";
import { pairsMissing, replaceReviewed, replacingPairs } from "@rag-instruct/simulate";
import { readCost } from "@rag-instruct/viewer";
import { resolveConfig } from "../config/load.ts";
import type { Config, ResolvedConfig } from "../config/schema.ts";
import { expectRun } from "../run/expected.ts";
import { benchmarkFiles } from "../run/inputs.ts";
import { keepAsked, keepSettings, namesKeptFiles } from "../run/kept-settings.ts";
import {
  type BeforeCalls,
  callsOptions,
  describeModel,
  nameModel,
  openModel,
  openRunWorkers,
  type Paying,
} from "../run/models.ts";
import { manifestStage } from "../stages/manifest.ts";
import { makeReport } from "../stages/report.ts";
import type { PipelineStage } from "../stages/stage.ts";
import { makingStages, requireExample } from "../stages/stages.ts";

/**
 * Names of the stages, in the order in which they run; `embed` only where an embedding model is configured, `engine` where that of the
 * vectors has an index of its own, `index` where no retriever of yours ranks, `share` only with a PostgreSQL; without a corpus from
 * `exemplars` on.
 */
export const stageNames = [
  "ingest",
  "embed",
  "engine",
  "index",
  "share",
  "exemplars",
  "plan",
  "synthesize",
  "assemble",
  "export",
  "report",
  "manifest",
] as const;

/** Name of a stage. */
export type StageName = (typeof stageNames)[number];

/** What a run came to. */
export interface RunSummary {
  /** The run folder. */
  to: string;
  /** Provider and id of the model. */
  model: string;
  /** In the order in which they ran. */
  stages: StageResult[];
  /** Pairs that are wanted, and how many of them are missing; `paradigms` of the stage says why. */
  pairs: { wanted: number; missing: number };
  /** What the paid calls of all stages took this time. */
  calls: CallsSummary;
  /** What all calls came to that the data rest on, by what they were for, those of earlier runs among them. */
  cost: SpendingByPurpose;
  /** Wall-clock time of this run. */
  seconds: number;
}

/** Options of {@link ragInstruct}. */
export interface RunOptions {
  /** The last stage wanted, or several: they and the stages that they need run, no others. @default "manifest", which is all of them */
  until?: StageName | readonly StageName[];
  onProgress?: OnProgress;
  /** Redis of the workers that embed and make the calls, `redis://user:password@host:port`. @default none: all is done here */
  redis?: string;
  /** Waited for before the first call that the ledger does not answer, with what is about to be called. @default none */
  beforeCalls?: BeforeCalls;
  /** Ask again for all rejected pairs, however often that was done, and for what the endpoint refused. @default false */
  retryRejected?: boolean;
  /** Write another pair in the place of each that a person rejected. @default false: the set is smaller by them */
  redraw?: boolean;
  /**
   * Whether the run may replace what is finished, paid for or reviewed and of another origin (other documents, model, settings), and
   * what was edited by hand. A function is asked, with what would be lost. Else such a run throws `file-exists`. @default false
   */
  replace?: Replace;
  /** Who pays, where that is not the run itself. @default the run, by its own budget */
  paying?: Paying;
  /** Called as each stage ends. */
  onStage?: (result: StageResult) => void;
  signal?: AbortSignal;
}

/**
 * The whole method, from documents to training data, into one run folder, or one stage of it with what that needs. Stages
 * whose inputs have not changed are skipped, replies that were paid for are never paid for again, and a run that was
 * interrupted goes on where it stopped. The documents, exemplars, benchmarks and model that a run was made of may be gone when what was
 * made of them is whole. Throws a RagInstructError that says what to do; nothing half-written is left.
 */
export async function ragInstruct(config: Config, options: RunOptions = {}): Promise<RunSummary> {
  return runResolved(resolveConfig(config), options);
}

/** The same for a config that was checked already. */
export async function runResolved(
  config: ResolvedConfig,
  { until = "manifest", onProgress = () => {}, onStage, signal, redis, paying, ...options }: RunOptions = {},
): Promise<RunSummary> {
  const { retryRejected = false, replace = false, beforeCalls } = options;
  const start = performance.now();
  const mayBeGone = await namesKeptFiles(config);
  if (!mayBeGone("synthesize")) await benchmarkFiles(config.benchmarks);
  const model = describeModel(nameModel(config.model));
  await using folder = await openRunFolder(config.to);
  if (options.redraw) await replaceReviewed(folder);
  const results: StageResult[] = [];
  const all = [...stagesOf(config, folder), manifestStage(config, results)];
  const last = [until].flat();
  const retries = retriesOf(last, retryRejected);
  const checked = await checkStages(stagesUntil(all, last), { folder, signal, retries, mayBeGone });
  await refuseLoss(checked, { stages: all, folder, replace });
  // Before days of embedding.
  const engine = checked.find(({ stage }) => stage.name === "engine");
  if (engine && !engine.before && config.engine.engine !== "pgvector") await requireVectorEngine(config.engine);
  await keepAsked(config);
  let shown: Progress = { stage: "workers", done: 0 };
  const onWait = (note: string | undefined) => onProgress({ ...shown, note: note ?? shown.note });
  await using workers = await openRunWorkers(redis, { ...config, model, onNoWorker: onWait });
  const isAssembled = checked.some(({ stage }) => stage.name === "assemble");
  const left = () => checked.map(({ stage }) => stage.name).slice(results.length);
  const paid = callsOptions(config, folder.path("ledger.jsonl"), paying);
  await using calls = lazyCalls({
    ...paid,
    limiter: workers?.calls.limiter,
    // Workers give a reply time of their own at least.
    timeout: Math.max(paid.timeout ?? 0, workers?.calls.timeout ?? 0) || undefined,
    askAgain: retryRejected ? "all" : config.askAgain,
    beforeFirst: beforeCalls && (async () => beforeCalls(await expectRun(config, { folder, stages: left(), signal }))),
    onWait,
    // Whoever stops a run comes back to it: its batches go on meanwhile.
    batch: config.batch ? { onAbort: "leave", onProgress } : undefined,
  });
  await using opened = await openModel(config.model, { workers, signal, onProgress });
  const context = {
    folder,
    signal,
    calls,
    workers,
    retries,
    model: opened.model,
    goBack: retries === "none" ? undefined : replacingPairs(folder),
    onProgress(progress: Progress) {
      shown = progress;
      onProgress(progress);
    },
  };
  try {
    for await (const result of runStages(checked, context)) {
      const known = results.findIndex(({ name }) => name === result.name);
      results.splice(known < 0 ? results.length : known, 1, result);
      onStage?.(result);
      // Before anything is paid for that could not be put together.
      if (result.name === "ingest" && isAssembled) requireExample(result.counts.passages ?? 0, config);
    }
  } catch (error) {
    if (!signal?.aborted) await reportStopped(config, { folder, results });
    throw error;
  }
  await calls.endRun();
  await keepSettings(config);
  const seconds = Math.round(performance.now() - start) / 1000;
  const paradigms = results.find(({ name }) => name === "synthesize")?.paradigms ?? {};
  const cost = mergeSpending(results.map(({ cost = {} }) => cost));
  return {
    to: config.to,
    model,
    stages: results,
    pairs: pairsMissing({ paradigms }),
    calls: await calls.summary(),
    cost,
    seconds,
  };
}

/** Reports what a run left that was stopped while or after it wrote pairs; a finished one's report stays. */
async function reportStopped(
  config: ResolvedConfig,
  { folder, results }: { folder: RunFolder; results: readonly StageResult[] },
): Promise<void> {
  const isDone = (name: StageName) => results.some((result) => result.name === name);
  if (!isDone("plan") || (!isDone("synthesize") && folder.last("synthesize")?.key !== "")) return;
  // The reason for which the run was stopped is what is to be heard of.
  await makeReport(folder.path("."), { config }).catch(() => {});
}

/** What was made with pairs that are there already asks for no better ones. */
function retriesOf(last: readonly StageName[], retryRejected: boolean): Retries {
  if (!last.includes("manifest") && !last.includes("synthesize")) return "none";
  return retryRejected ? "all" : "unusable";
}

/** The making stages of a run that has begun: where its pairs were put there, none leads to them. */
export function stagesOf(config: ResolvedConfig, folder: RunFolder): PipelineStage[] {
  const stages = makingStages(config);
  if (!folder.last("synthesize")?.given) return stages;
  return stages.filter(({ name }) => name !== "exemplars" && name !== "plan");
}

/** How a run stands. */
export interface RunStatus {
  to: string;
  stages: readonly StageStatus[];
  /** What all calls came to, by what they were for. */
  cost: SpendingByPurpose;
  /** What could not be checked, and so counts as unchanged. */
  unchecked?: string;
}

/**
 * How a run stands: its stages, what they counted, what they cost, and what the next run would make again and why. Nothing is made, and
 * no lock is needed. Where documents or other inputs are gone, stages count as unchanged by them. Throws `file-missing` where there is no run.
 * @param config the run's settings; without them, what a folder records is taken as it is
 */
export async function runStatus(
  to: string,
  { config, signal }: { config: ResolvedConfig | undefined; signal?: AbortSignal },
): Promise<RunStatus> {
  await requireRun(to);
  const folder = await readRunFolder(to);
  const cost = await readCost(to);
  if (config) {
    const stages = [...stagesOf(config, folder), manifestStage(config, [])];
    return { to, cost, ...(await stageStatuses(stages, { folder, signal })) };
  }
  const recorded = stageNames.filter((name) => folder.last(name));
  const stages = recorded.map((name) => recordedStatus(name, folder.last(name)));
  return { to, stages, cost, unchecked: "the run keeps no settings" };
}
