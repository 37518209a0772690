import { RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import {
  contaminationReport,
  type DecontaminationReport,
  type ForbiddenTexts,
  readForbiddenTexts,
} from "@rag-instruct/simulate";
import { benchmarkTexts } from "./benchmark-texts.ts";
import type { ResolvedConfig } from "./config.ts";
import type { StageContext } from "./stage.ts";
import { fingerprint, inputFiles } from "./stages/fingerprint.ts";

/** Name of the report of what stands in benchmarks, in a run folder. */
export const reportName = "decontamination.json";

type Checked = Parameters<ReturnType<typeof contaminationReport>["add"]>[0];

/** What a run folder says of its benchmarks. */
export interface RunDecontamination extends DecontaminationReport {
  /** Records of their files that give no question, by benchmark. */
  unread: Record<string, number>;
}

/** The texts of benchmarks, and what of a set of pairs stands in them. */
export interface ForbiddenFiles {
  texts: ForbiddenTexts;
  /** Adds outcomes up as they pass. */
  watch<O extends Checked>(outcomes: AsyncIterable<O>): AsyncIterable<O>;
  /** Writes {@link RunDecontamination} once they have passed. */
  writeReport(path: string): Promise<void>;
}

/** Reads the files of benchmarks. Throws what reading them throws. */
export async function openForbiddenFiles(
  benchmarks: ResolvedConfig["benchmarks"],
  { signal, onProgress }: Pick<StageContext, "signal" | "onProgress">,
): Promise<ForbiddenFiles> {
  const unread: Record<string, number> = {};
  const onUnread = (source: string) => {
    unread[source] = (unread[source] ?? 0) + 1;
  };
  const texts = await readForbiddenTexts(benchmarkTexts(benchmarks, { onUnread, signal }), {
    onProgress,
    signal,
  });
  const sum = contaminationReport();
  return {
    texts,
    async *watch(outcomes) {
      for await (const outcome of outcomes) {
        sum.add(outcome);
        yield outcome;
      }
    },
    async writeReport(path) {
      const report: RunDecontamination = { ...sum.report(texts), unread };
      await writeAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    },
  };
}

/** Throws `file-missing` where a file of a benchmark is not there, before a run has begun. */
export async function requireBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<void> {
  for (const path of Object.values(benchmarks).flat()) {
    if ((await inputFiles(path)).length === 0)
      throw new RagInstructError("file-missing", `${path} is not there; check the path of the benchmark`);
  }
}

/** What a stage's key says of benchmarks. Throws `file-missing`. */
export async function fingerprintBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string>> {
  const entries = Object.entries(benchmarks).map(async ([id, files]) => [id, await fingerprint(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
