import { join } from "node:path";
import { programName, RagInstructError, shellWord } from "@rag-instruct/core";
import {
  checkRecorded,
  isThere,
  openRunFolder,
  readRunFolder,
  requireRun,
  type StageResult,
  stageAgain,
} from "@rag-instruct/core/node";
import { type ExportContext, exportStage, writeRunExports } from "@rag-instruct/format";
import type { ResolvedConfig } from "../config/schema.ts";
import { keptSettings } from "../run/kept-settings.ts";
import { makeReport, reportStage } from "../stages/report.ts";
import { exportOptions } from "../stages/stages.ts";
import { type RunOptions, stagesOf } from "./pipeline.ts";
import { openFreeRetriever } from "./search.ts";

/** Options of {@link exportRun}. */
interface ExportOptions extends Pick<RunOptions, "replace" | "onProgress" | "signal"> {
  /** Whether only what a person has accepted or edited is given out. @default false */
  onlyAccepted?: boolean;
}

/**
 * Looks at a run as it stands, finished or not: writes `report.html` and its figures, and nothing else in the folder. No document is
 * read, no model is called, and no lock is needed, so that a run under way has a report too. Throws `file-missing` where there is no run.
 * @param config the run's settings; undefined where none are known
 */
export async function reportRun(
  to: string,
  { config, signal }: { config: ResolvedConfig | undefined; signal?: AbortSignal },
): Promise<StageResult> {
  await requireRun(to);
  const folder = await readRunFolder(to);
  const made = config && (await checkRecorded(reportStage(config), { stages: stagesOf(config, folder), folder }));
  if (made?.before) return { name: "report", skipped: true, ...made.before };
  const start = performance.now();
  const counts = await makeReport(to, { config, signal });
  const { key, lineage, inputs } = made ?? { key: "", lineage: "", inputs: {} };
  const seconds = Math.round(performance.now() - start) / 1000;
  return { name: "report", skipped: false, key, lineage, inputs, outputs: {}, counts, seconds };
}

/**
 * Gives out the training examples of a run as files for trainers, in `exports/`. Nothing before that is made, so that it never
 * spends. Throws `file-missing` where there are no examples, and `folder-locked` while a run is under way.
 */
export async function exportRun(
  given: ResolvedConfig,
  { signal, onProgress = () => {}, replace = false, onlyAccepted = false }: ExportOptions = {},
): Promise<StageResult> {
  const { to } = given;
  await requireExamples(to);
  const config = await asMade(given);
  await using folder = await openRunFolder(to);
  const options = { ...exportOptions(config), openRetriever: () => openFreeRetriever(config, { signal }) };
  const work = (replacing: () => Promise<void>) =>
    writeRunExports<ExportContext>(options, { folder, signal, onProgress, replacing, onlyAccepted });
  const stages = stagesOf(config, folder);
  return stageAgain(exportStage(exportOptions(config)), { folder, stages, replace, isPart: onlyAccepted, work });
}

/** A config whose examples have the documents that the run has given them, whatever a config of today says. */
export async function asMade(config: ResolvedConfig): Promise<ResolvedConfig> {
  const { documents = config.documents } = (await keptSettings(config.to)) ?? {};
  return { ...config, documents };
}

/** Throws `file-missing` where a run has no training examples. */
export async function requireExamples(to: string): Promise<void> {
  await requireRun(to);
  if (await isThere(join(to, "train.jsonl"))) return;
  const message = `${to} has no training examples yet; make them with: ${programName()} assemble ${shellWord(to)}`;
  throw new RagInstructError("file-missing", message);
}
